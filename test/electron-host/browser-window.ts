import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';
import { preventable, record, runtime, strict } from './runtime.ts';
import { toApp, toWeb } from './schemes.ts';
import { WebContents } from './web-contents.ts';
import { installWorld } from './world.ts';

interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly webPreferences?: {
    readonly preload?: string;
    readonly sandbox?: boolean;
    readonly contextIsolation?: boolean;
    readonly nodeIntegration?: boolean;
  };
}

/** Told of windows as they come and go; the app's own events hang on it. */
export const windowEvents = new EventEmitter();
const windows: BrowserWindow[] = [];
const worldName = 'electron-preload';
const binding = '__electronHost';

/** A window: a page of a real Chromium with the preload script in an isolated world. */
export class BrowserWindow extends EventEmitter {
  readonly webContents = strict('webContents', new WebContents());
  readonly #options: WindowOptions;
  readonly #opened: Promise<void>;
  #loading = false;
  #gone = false;
  #minimized = false;

  constructor(options: WindowOptions = {}) {
    super();
    const { sandbox, contextIsolation, nodeIntegration } = options.webPreferences ?? {};
    if (sandbox === false || contextIsolation === false || nodeIntegration === true) {
      throw new Error('The stand-in for Electron opens no window without sandbox and context isolation.');
    }
    this.#options = options;
    windows.push(this);
    windowEvents.emit('contents', this.webContents);
    this.#opened = this.#open();
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows];
  }

  async loadURL(url: string): Promise<void> {
    await this.#opened;
    this.#loading = true;
    await this.webContents.page?.goto(toWeb(url));
    this.#loading = false;
  }

  show(): void {
    this.emit('show');
  }

  focus(): void {
    record('window.focus');
    void this.webContents.page?.bringToFront();
  }

  minimize(): void {
    this.#minimized = true;
  }

  isMinimized(): boolean {
    return this.#minimized;
  }

  restore(): void {
    this.#minimized = false;
  }

  setProgressBar(fraction: number, options?: { readonly mode: string }): void {
    record('progressBar', { fraction, ...options });
  }

  isDestroyed(): boolean {
    return this.#gone;
  }

  close(): void {
    const event = preventable();
    this.emit('close', event);
    if (event.defaultPrevented) return;
    this.#closed();
    void this.webContents.page?.close().catch(() => undefined);
  }

  #closed(): void {
    if (this.#gone) return;
    this.#gone = true;
    windows.splice(windows.indexOf(this), 1);
    this.emit('closed');
    this.webContents._destroy();
    if (windows.length === 0) windowEvents.emit('all-closed');
  }

  async #open(): Promise<void> {
    const { context } = runtime;
    if (context === undefined) throw new Error('A window is opened before the app is ready.');
    const blank = context.pages().find((page) => page.url() === 'about:blank');
    const page = blank ?? (await context.newPage());
    const cdp = await context.newCDPSession(page);
    this.webContents.page = page;
    this.webContents.cdp = cdp;
    const { width = 800, height = 600 } = this.#options;
    if (process.env['HOST_HEADED'] === undefined) await page.setViewportSize({ width, height });
    await this.#installWorlds(cdp);
    this.#followPage(page);
    await this.#guardNavigation(cdp, page);
  }

  async #installWorlds(cdp: CDPSession): Promise<void> {
    const contents = this.webContents;
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const frame = (context.auxData as { frameId?: string } | undefined)?.frameId;
      if (context.name === worldName && frame === contents.frameId) contents._setContext(context.id);
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === contents._contextId()) contents._setContext(undefined);
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === binding) void contents._answer(payload);
    });
    contents.frameId = (await cdp.send('Page.getFrameTree')).frameTree.frame.id;
    await cdp.send('Runtime.enable');
    await cdp.send('Page.enable');
    await cdp.send('Runtime.addBinding', { name: binding, executionContextName: worldName });
    const token = JSON.stringify(`host${Math.random().toString(36).slice(2)}`);
    const { preload } = this.#options.webPreferences ?? {};
    const text = preload === undefined ? '' : readFileSync(preload, 'utf8');
    const source = installWorld.toString();
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `(${source})('page', ${token}, () => undefined)`,
    });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      worldName,
      source: `(${source})('preload', ${token}, (require, module, exports) => {\n${text}\n})`,
    });
  }

  #followPage(page: Page): void {
    const contents = this.webContents;
    let shown = false;
    page.on('console', (message) => {
      if (message.type() === 'error') record('console.error', message.text());
    });
    page.on('pageerror', (error) => {
      record('pageerror', error.stack ?? String(error));
    });
    page.on('load', () => {
      contents.emit('did-finish-load');
      if (!shown) this.emit('ready-to-show');
      shown = true;
    });
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) contents.mainFrame.url = toApp(frame.url());
    });
    page.on('popup', (popup) => void popup.close().catch(() => undefined));
    page.on('close', () => {
      this.#closed();
    });
  }

  async #guardNavigation(cdp: CDPSession, page: Page): Promise<void> {
    cdp.on('Page.windowOpen', ({ url }) => {
      record('window.open', { url, action: this.webContents._openHandler?.({ url }).action ?? 'allow' });
    });
    cdp.on('Fetch.requestPaused', ({ requestId, request, frameId }) => {
      const event = preventable();
      const url = toApp(request.url);
      if (frameId === this.webContents.frameId && !this.#loading && page.url() !== 'about:blank') {
        this.webContents.emit('will-navigate', event, url);
      }
      if (event.defaultPrevented) record('navigation.prevented', url);
      const done = event.defaultPrevented
        ? cdp.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
        : cdp.send('Fetch.continueRequest', { requestId });
      done.catch(() => undefined);
    });
    await cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*', resourceType: 'Document' }] });
  }
}
