import { createContext } from 'svelte';
import type { AddReport, JobId, LookChange, Notice } from '../../preload/contract/dto.ts';
import type { JobSelection } from '../../preload/contract/channels.ts';
import { toContractError, type Api } from '../api/api.ts';
import { addedSentences } from '../lib/added-words.ts';
import { DiagnosticsState } from './diagnostics.svelte.ts';
import { MachineState } from './machine.svelte.ts';
import { NoticeState } from './notices.svelte.ts';
import { QueueState } from './queue.svelte.ts';
import { SelectionState } from './selection.svelte.ts';
import { SettingsState } from './settings.svelte.ts';
import { ViewerState } from './viewer.svelte.ts';

/** Which tab of the preferences is open. */
export type PreferencesTab = 'general' | 'files' | 'performance' | 'computer';

/** What the list is to let through; what is left out stays. */
type NarrowedTo = Partial<Pick<QueueState, 'filter' | 'search'>>;

/** The window's state, and what a person can do with it. */
export class AppState {
  readonly api: Api;
  readonly queue: QueueState;
  readonly selection: SelectionState;
  readonly settings: SettingsState;
  readonly viewer: ViewerState;
  readonly machine: MachineState;
  readonly diagnostics: DiagnosticsState;
  readonly notices = new NoticeState();
  preferences = $state<PreferencesTab | null>(null);
  /** A name template while it is written, before it counts. */
  draftTemplate = $state<string | null>(null);
  /** The photo beside the list, or the list alone. */
  showsViewer = $state(true);

  private constructor(api: Api, settings: SettingsState) {
    this.api = api;
    this.settings = settings;
    this.queue = new QueueState(api);
    this.selection = new SelectionState(this.queue);
    this.viewer = new ViewerState(api);
    this.machine = new MachineState(api);
    this.diagnostics = new DiagnosticsState(api);
  }

  /** Asks for all that the window shows first. */
  static async open(api: Api): Promise<{ app: AppState; close: () => void }> {
    // Before anything is asked: what is said meanwhile is said once.
    const early: Notice[] = [];
    let show = (notice: Notice): void => void early.push(notice);
    const stopNotices = api.listen('notice', (notice) => {
      show(notice);
    });
    const welcome = await api.ask('app:welcome');
    const app = new AppState(api, new SettingsState(api, welcome));
    show = (notice) => {
      app.notices.show(notice);
    };
    for (const notice of early) show(notice);
    const stops = [stopNotices, app.settings.connect(), app.machine.connect(), await app.queue.connect()];
    app.selection.active = app.queue.rows[0]?.id ?? null;
    return {
      app,
      close: () => {
        for (const stop of stops) stop();
      },
    };
  }

  /** Adds what was dropped; folders come as one path each. */
  async addFiles(files: readonly File[]): Promise<void> {
    const paths = this.api.pathsOf(files).filter((path) => path !== '');
    if (paths.length > 0) await this.#report(this.api.ask('queue:add', { paths }));
  }

  async pick(kind: 'photos' | 'folder'): Promise<void> {
    await this.#report(this.api.ask('queue:pick', { kind }));
  }

  async start(): Promise<void> {
    const outcome = await this.attempt(this.api.ask('queue:start'));
    if (outcome?.ok === false) this.notices.show({ tone: 'error', ...outcome.error });
  }

  /** One key for what the main button does. */
  async startOrPause(): Promise<void> {
    const { run, totals } = this.queue;
    if (run.kind === 'running') await this.pause();
    else if (run.kind === 'paused') await this.resume();
    else if (totals.waiting > 0) await this.start();
  }

  async pause(): Promise<void> {
    await this.attempt(this.api.ask('queue:pause'));
  }

  async resume(): Promise<void> {
    await this.attempt(this.api.ask('queue:resume'));
  }

  async cancel(jobs: JobSelection): Promise<void> {
    await this.attempt(this.api.ask('queue:cancel', { jobs }));
  }

  async retry(jobs: JobSelection): Promise<void> {
    await this.attempt(this.api.ask('queue:retry', { jobs }));
  }

  /** Changes what differs for photos, each on top of what it has; null takes all of it back. */
  async override(jobs: readonly JobId[], overrides: LookChange | null): Promise<void> {
    await this.attempt(this.api.ask('queue:override', { jobs, overrides }));
  }

  /** Shows a result in the system's file manager. */
  async reveal(job: JobId): Promise<void> {
    const outcome = await this.attempt(this.api.ask('queue:reveal', { job }));
    if (outcome?.ok === false) this.notices.show({ tone: 'error', ...outcome.error });
  }

  /** Lets other photos through to the list; what goes out of sight is selected no longer, and stays so. */
  narrow({ filter = this.queue.filter, search = this.queue.search }: NarrowedTo): void {
    const selected = this.selection.rows;
    this.queue.filter = filter;
    this.queue.search = search;
    this.selection.keep(selected);
  }

  /** Takes the selected photos out of the queue; files on disk stay as they are. */
  async removeSelected(): Promise<void> {
    const jobs = this.selection.rows.map((row) => row.id);
    if (jobs.length === 0) return;
    const visible = this.queue.visible;
    const last = visible.findLastIndex((row) => this.selection.has(row.id));
    const neighbour =
      visible.slice(last + 1).find((row) => !this.selection.has(row.id)) ??
      visible.slice(0, Math.max(0, last)).findLast((row) => !this.selection.has(row.id));
    await this.attempt(this.api.ask('queue:remove', { jobs }));
    this.selection.forget(jobs, neighbour?.id ?? null);
  }

  /** Moves the selected photos within the queue; up and down past the next photo in sight, whatever a filter hides. */
  async moveSelected(to: 'top' | 'up' | 'down' | 'bottom'): Promise<void> {
    const selected = this.selection.rows;
    const jobs = selected.map((row) => row.id);
    const { rows, visible } = this.queue;
    const first = visible.findIndex((row) => row.id === jobs[0]);
    if (first === -1) return;
    const next = visible[visible.findIndex((row) => row.id === jobs.at(-1)) + 1];
    if (to === 'down' && next === undefined) return;
    const before = {
      // Both are in the queue's order: the first that is not selected is where they part.
      top: rows.find((row, index) => row !== selected[index]),
      up: visible[Math.max(0, first - 1)],
      down: next && rows[rows.indexOf(next) + 1],
      bottom: undefined,
    }[to];
    if (before !== undefined && jobs.includes(before.id)) return;
    await this.moveBefore(jobs, before?.id ?? null);
  }

  async moveBefore(jobs: readonly JobId[], before: JobId | null): Promise<void> {
    await this.attempt(this.api.ask('queue:move', { jobs, before }));
  }

  /** Waits for an answer; a refusal becomes a notice, since nothing that a person did should end in silence. */
  async attempt<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      this.notices.show({ tone: 'error', ...toContractError(error) });
      return undefined;
    }
  }

  /** Asks for the folder that results go to. */
  async pickOutputFolder(): Promise<void> {
    const outputFolder = await this.attempt(this.api.ask('settings:pickFolder'));
    if (typeof outputFolder === 'string') await this.settings.update({ outputFolder });
  }

  async #report(answer: Promise<AddReport | null>): Promise<void> {
    const report = await this.attempt(answer);
    if (report === undefined || report === null) return;
    for (const problem of report.problems) this.notices.show({ tone: 'warning', ...problem });
    this.notices.show({ tone: 'info', code: 'added', message: addedSentences(report) });
    this.selection.active ??= this.queue.rows[0]?.id ?? null;
  }
}

const [useApp, provideApp] = createContext<AppState>();
export { provideApp, useApp };
