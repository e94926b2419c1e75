import { app, dialog, Notification, powerSaveBlocker, type BrowserWindow } from 'electron';
import type { RunState } from '../../preload/contract/dto.ts';

/** What the desktop is told of a batch: stay awake, how far, and when it ends. */
export class Companion implements Disposable {
  readonly #window: () => BrowserWindow | undefined;
  #blocker: number | undefined;
  #run: RunState['kind'] = 'idle';
  #fraction = 0;
  #mayQuit = false;

  constructor(window: () => BrowserWindow | undefined) {
    this.#window = window;
    app.on('before-quit', this.#beforeQuit);
  }

  /** Closing the window while a batch runs asks first, since the batch would end with it. */
  guard(window: BrowserWindow): void {
    window.on('close', this.#beforeQuit);
  }

  runChanged(run: RunState['kind']): void {
    if (this.#run === 'idle') this.#fraction = 0;
    this.#run = run;
    if (run === 'running') this.#blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else this.#release();
    if (run === 'idle') this.#window()?.setProgressBar(-1);
    else this.progress(this.#fraction);
  }

  progress(fraction: number): void {
    this.#fraction = fraction;
    if (this.#run === 'idle') return;
    this.#window()?.setProgressBar(fraction, { mode: this.#run === 'paused' ? 'paused' : 'normal' });
  }

  /**
   * Says how a batch ended.
   *
   * @param counts photos by the state that they ended in; where somebody cancelled it all, there is nothing to say
   */
  batchEnded(counts: ReadonlyMap<string, number>): void {
    const words = { done: 'enhanced', failed: 'failed', skipped: 'skipped', cancelled: 'cancelled' };
    const parts = Object.entries(words).flatMap(([state, word]) => {
      const count = counts.get(state) ?? 0;
      return count === 0 ? [] : [`${count} ${word}`];
    });
    const worked = (counts.get('done') ?? 0) + (counts.get('failed') ?? 0) + (counts.get('skipped') ?? 0);
    if (!Notification.isSupported() || worked === 0) return;
    const notification = new Notification({ title: 'Batch finished', body: `${parts.join(', ')}.` });
    notification.on('click', () => {
      this.showWindow();
    });
    notification.show();
  }

  /** Brings the window to the front, wherever it was put away. */
  showWindow(): void {
    const window = this.#window();
    if (window?.isMinimized() === true) window.restore();
    window?.show();
    window?.focus();
  }

  [Symbol.dispose](): void {
    this.#release();
    app.off('before-quit', this.#beforeQuit);
  }

  #release(): void {
    if (this.#blocker !== undefined) powerSaveBlocker.stop(this.#blocker);
    this.#blocker = undefined;
  }

  readonly #beforeQuit = (event: { preventDefault: () => void }): void => {
    if (this.#run === 'idle' || this.#mayQuit) return;
    event.preventDefault();
    void this.#ask();
  };

  async #ask(): Promise<void> {
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: 'A batch is running. Quit all the same?',
      detail: 'Photos that are done stay. Those under way begin anew next time.',
      buttons: ['Keep running', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    });
    if (response !== 1) return;
    this.#mayQuit = true;
    app.quit();
  }
}
