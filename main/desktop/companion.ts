import { app, dialog, Notification, powerSaveBlocker, type BrowserWindow } from 'electron';
import type { RunState } from '../../preload/contract/dto.ts';

/** What the desktop is told of a batch: stay awake, how far, and when it ends. */
export class Companion implements Disposable {
  readonly #window: () => BrowserWindow | undefined;
  #blocker: number | undefined;
  #running = false;
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
    this.#running = run !== 'idle';
    if (run === 'running') this.#blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else this.#release();
    if (run === 'idle') this.#window()?.setProgressBar(-1);
  }

  progress(fraction: number): void {
    if (this.#running) this.#window()?.setProgressBar(fraction);
  }

  /** Says how a batch ended. */
  batchEnded(done: number, failed: number): void {
    if (!Notification.isSupported() || done + failed === 0) return;
    const body = failed === 0 ? `${done} enhanced.` : `${done} enhanced, ${failed} failed.`;
    new Notification({ title: 'Batch finished', body }).show();
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
    if (!this.#running || this.#mayQuit) return;
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
