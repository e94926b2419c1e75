import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { InvokeName } from '../../preload/contract/channels.ts';
import type { Comparison, Job, RegionPreview } from '../../preload/contract/dto.ts';
import type { Outcome } from '../../preload/contract/errors.ts';
import { RefusedError, type Api } from '../api/api.ts';
import { createFake } from '../api/fake.ts';
import { ViewerState } from './viewer.svelte.ts';

/** A fake main process that knows which pictures are open, and refuses what it is told to. */
class Watched {
  readonly open: string[] = [];
  refused: InvokeName | null = null;
  readonly #fake = createFake({ photos: 3 });
  readonly api: Api = { ...this.#fake, ask: (name, ...payload) => this.#ask(name, ...payload) };

  readonly #ask: Api['ask'] = async (name, ...payload) => {
    const closed = name === 'preview:close' ? (payload[0] as { readonly tokens: readonly string[] }).tokens : [];
    const answer = await this.#fake.ask(name, ...payload);
    if (name === this.refused) throw new RefusedError({ code: 'handler-failed', message: 'Something went wrong.' });
    if (name === 'preview:compare') this.#opened(answer as Outcome<Comparison>);
    if (name === 'preview:region') this.#opened(answer as Outcome<RegionPreview>);
    for (const token of closed) this.open.splice(this.open.indexOf(token), 1);
    return answer;
  };

  #opened(outcome: Outcome<Comparison | RegionPreview>): void {
    if (!outcome.ok) throw new Error(outcome.error.message);
    const pictures = [outcome.value.after, 'before' in outcome.value ? outcome.value.before : null];
    this.open.push(...pictures.flatMap((picture) => picture?.token ?? []));
  }

  async jobs(): Promise<readonly Job[]> {
    return (await this.api.ask('queue:read', { from: 0, count: 3 })).jobs;
  }
}

const middle = { x: 300, y: 300 };
const other = { x: 700, y: 500 };
/** Whatever was sent for is there by then. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('the viewer', () => {
  let main: Watched;
  let viewer: ViewerState;
  let jobs: readonly Job[];

  beforeEach(async () => {
    main = new Watched();
    viewer = new ViewerState(main.api);
    jobs = await main.jobs();
    await viewer.show(jobs[0]);
  });

  it('gives a spot back when another photo is shown, and the photo’s own pictures', async () => {
    await viewer.tryAt(middle);
    expect(main.open).toHaveLength(2);
    await viewer.show(jobs[1]);
    await settle();
    expect(viewer.trial).toBeNull();
    expect(main.open).toEqual(['picture-2-1']);
    await viewer.show(undefined);
    await settle();
    expect(main.open).toEqual([]);
  });

  it('gives a spot back whose answer comes when nobody waits for it any more', async () => {
    const dropped = viewer.tryAt(middle);
    viewer.dropTrial();
    await dropped;
    const left = viewer.tryAt(middle);
    await viewer.show(jobs[1]);
    await left;
    await settle();
    expect(main.open).toEqual(['picture-2-1']);
  });

  it('holds one spot at a time', async () => {
    await viewer.tryAt(middle);
    await Promise.all([viewer.tryAt(other), viewer.tryAt(middle)]);
    await settle();
    expect(viewer.trial?.kind).toBe('done');
    expect(main.open).toHaveLength(2);
  });

  it('says why a spot was refused, and tries the next one', async () => {
    main.refused = 'preview:region';
    await viewer.tryAt(middle);
    expect(viewer.trial).toMatchObject({ kind: 'failed', error: { message: 'Something went wrong.' } });
    main.refused = null;
    await viewer.tryAt(middle);
    expect(viewer.trial?.kind).toBe('done');
  });

  it('says why a photo was refused', async () => {
    main.refused = 'preview:compare';
    await viewer.show(jobs[1]);
    expect(viewer.content).toMatchObject({ kind: 'failed', error: { message: 'Something went wrong.' } });
  });

  it('takes no harm from a picture that cannot be given back', async () => {
    const lost = vi.fn();
    process.on('unhandledRejection', lost);
    await viewer.tryAt(middle);
    main.refused = 'preview:close';
    viewer.dropTrial();
    await viewer.show(jobs[1]);
    await settle();
    process.off('unhandledRejection', lost);
    expect(lost).not.toHaveBeenCalled();
    expect(viewer.content).toMatchObject({ kind: 'ready', job: 2 });
  });
});
