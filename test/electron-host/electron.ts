/** What the app's main bundle gets for `electron`: only what it uses; the rest is refused by name. */
import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { BrowserWindow, windowEvents } from './browser-window.ts';
import { preventable, record, runtime, strict } from './runtime.ts';
import { handlers, schemes } from './schemes.ts';
import { children, utilityProcess as utilities } from './utility-process.ts';
import { ipcMain as invokes } from './web-contents.ts';

class App extends EventEmitter {
  #start: () => void = () => undefined;
  readonly #ready = new Promise<void>((resolve) => {
    this.#start = resolve;
  });
  #exiting = false;

  get isPackaged(): boolean {
    return runtime.isPackaged;
  }

  whenReady(): Promise<void> {
    return this.#ready;
  }

  getAppPath(): string {
    return runtime.appFolder;
  }

  getVersion(): string {
    return runtime.version;
  }

  getPath(name: string): string {
    const path = name === 'userData' ? runtime.userData : join(runtime.userData, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  requestSingleInstanceLock(): boolean {
    return true;
  }

  quit(): void {
    for (const step of ['before-quit', 'will-quit']) {
      const event = preventable();
      this.emit(step, event);
      if (event.defaultPrevented) return;
    }
    this.exit(0);
  }

  exit(code = 0): void {
    if (this.#exiting) return;
    this.#exiting = true;
    for (const child of children) child.kill('SIGKILL');
    const close = runtime.context?.close() ?? Promise.resolve();
    void close.catch(() => undefined).finally(() => process.exit(code));
  }

  _start(): void {
    this.emit('ready');
    this.#start();
  }
}

const theApp = new App();
export const app = strict('app', theApp);
windowEvents.on('contents', (contents) => theApp.emit('web-contents-created', {}, contents));
windowEvents.on('all-closed', () => theApp.emit('window-all-closed'));

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(list: readonly { readonly scheme: string }[]): void {
    for (const { scheme } of list) schemes.add(scheme);
  },
  handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void {
    handlers.set(scheme, handler);
  },
});

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
};

export const net = strict('net', {
  async fetch(url: string): Promise<Response> {
    if (url.startsWith('http://localhost:')) return fetch(url);
    if (!url.startsWith('file:'))
      throw new Error('The stand-in for Electron fetches files and from this machine only.');
    const path = fileURLToPath(url);
    const { size } = await stat(path);
    const headers = {
      'content-type': contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream',
      'content-length': String(size),
    };
    return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream, { headers });
  },
});

export const session = strict('session', {
  defaultSession: strict('session.defaultSession', {
    setPermissionRequestHandler: () => undefined,
    setPermissionCheckHandler: () => undefined,
  }),
});

export const ipcMain = strict('ipcMain', invokes);
export const utilityProcess = strict('utilityProcess', utilities);
export { BrowserWindow };
export { livingProcesses as _workers } from './utility-process.ts';

/** Answers that a test has laid ready for the next dialogs. */
const answers: unknown[] = [];
async function ask(what: string, options: unknown, otherwise: unknown): Promise<unknown> {
  record(`dialog.${what}`, options);
  await mkdir(runtime.userData, { recursive: true });
  return answers.shift() ?? otherwise;
}

export const dialog = strict('dialog', {
  showOpenDialog: (options: unknown) => ask('showOpenDialog', options, { canceled: true, filePaths: [] }),
  showSaveDialog: (options: unknown) => ask('showSaveDialog', options, { canceled: true, filePath: '' }),
  showMessageBox: (options: unknown) => ask('showMessageBox', options, { response: 0, checkboxChecked: false }),
  showErrorBox: (title: string, content: string) => {
    record('dialog.showErrorBox', { title, content });
    console.error(`${title}: ${content}`);
  },
  _answer: (answer: unknown) => answers.push(answer),
});

export const shell = strict('shell', {
  showItemInFolder: (path: string) => {
    record('shell.showItemInFolder', path);
  },
});

export const clipboard = strict('clipboard', {
  /** Into the system's, where the browser lets its page: it asks for a window that a person has in front. */
  writeText(text: string): void {
    record('clipboard.writeText', text);
    const [window] = BrowserWindow.getAllWindows();
    const write = `navigator.clipboard.writeText(${JSON.stringify(text)})`;
    void window?.webContents.page?.evaluate(write).catch(() => undefined);
  },
});

class Theme extends EventEmitter {
  #source: 'system' | 'light' | 'dark' = 'system';

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.#source;
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    this.#source = source;
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      void webContents.page?.emulateMedia({ colorScheme: source === 'system' ? null : source });
    }
  }
}
export const nativeTheme = strict('nativeTheme', new Theme());

let blockers = 0;
export const powerSaveBlocker = strict('powerSaveBlocker', {
  start(kind: string): number {
    record('powerSaveBlocker.start', kind);
    return ++blockers;
  },
  stop(id: number): void {
    record('powerSaveBlocker.stop', id);
  },
});

export class Notification extends EventEmitter {
  readonly #options: { readonly title: string; readonly body: string };

  constructor(options: { readonly title: string; readonly body: string }) {
    super();
    this.#options = options;
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    record('notification', this.#options);
  }
}
