import type { Settings } from '../../preload/contract/dto.ts';
import { failure, type Result } from '../engine/errors.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import { planPhoto } from '../jobs/resolve.ts';
import type { ModelChoice } from '../jobs/target.ts';
import type { TaskValues } from '../worker/protocol.ts';
import { toContractError } from './job-view.ts';
import { enhanceSettingsOf, modelName } from './look.ts';
import type { Entry, PhotoList } from './photo-list.ts';
import type { Runner } from './runner.ts';

export interface HeadersOptions {
  readonly list: PhotoList;
  readonly models: readonly ModelChoice[];
  readonly settingsOf: (entry: Entry) => Settings;
  readonly workers: () => Promise<Runner>;
}

/** Headers are read in groups: one message serves many photos. */
const probeGroup = 32;

/** Completes the list: what a photo is, and what it will be. */
export class Headers {
  readonly #options: HeadersOptions;

  constructor(options: HeadersOptions) {
    this.#options = options;
  }

  /** Says what a photo will be, as far as that is known. */
  showPlan(entry: Entry): void {
    const { info, view } = entry;
    const settings = enhanceSettingsOf(this.#options.settingsOf(entry));
    if (info === undefined || !settings.ok || view.state.kind === 'done') return;
    const planned = planPhoto(info, settings.value, this.#options.models);
    if (!planned.ok) return;
    const { widthPx, heightPx, model } = planned.value.target;
    this.#options.list.show(entry, { result: { widthPx, heightPx }, model: modelName(model) });
  }

  /** Reads the headers of photos, when the workers have nothing better to do. */
  async read(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    for (let from = 0; from < entries.length; from += probeGroup) {
      const group = entries.slice(from, from + probeGroup);
      // Asked for each time: settings may have put other workers in their place meanwhile.
      const answer = await this.#probe(group);
      if (!answer.ok) continue;
      for (const [index, entry] of group.entries()) {
        const probed = answer.value.photos[index];
        if (probed?.ok === true) this.learn(entry, probed.value);
        // A photo that cannot be read is said at once, not only when its turn comes.
        else if (probed?.ok === false && entry.view.state.kind === 'queued' && entry.runId === undefined) {
          this.#options.list.setState(entry, { kind: 'failed', error: toContractError(probed.error) });
        }
      }
    }
  }

  /** Reads headers; once more where the workers went away over it. */
  async #probe(group: readonly Entry[]): Promise<Result<TaskValues['probe']>> {
    const task = { kind: 'probe', paths: group.map(({ path }) => path) } as const;
    try {
      const first = await (await this.#options.workers()).source.run<'probe'>(task, 'idle');
      return first.ok ? first : await (await this.#options.workers()).source.run<'probe'>(task, 'idle');
    } catch (error) {
      // No workers, for want of disk say: a batch says so when it starts.
      return failure('workers-unavailable', 'The headers could not be read.', { cause: String(error) });
    }
  }

  /** A photo's header was read, for the first time or after somebody changed the photo. */
  learn(entry: Entry, info: PhotoInfo): void {
    if (entry.info?.modifiedMs === info.modifiedMs && entry.info.fileBytes === info.fileBytes) return;
    entry.info = info;
    this.#options.list.show(entry, {
      source: { widthPx: info.widthPx, heightPx: info.heightPx },
      bytes: info.fileBytes,
    });
    this.showPlan(entry);
  }
}
