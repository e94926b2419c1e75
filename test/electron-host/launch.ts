/** For specs: starts the built app on the stand-in and gives its window. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type * as electron from './electron.ts';
import type { HostRuntime } from './runtime.ts';

type MainParts = typeof electron & { readonly log: HostRuntime['log'] };

/** A running app. */
export interface LaunchedApp extends AsyncDisposable {
  readonly page: Page;
  readonly process: ChildProcess;
  /** What the app's processes wrote to their error streams. */
  readonly errorOutput: () => string;
  /** Runs a function in the main process; it reaches nothing outside itself. */
  evaluate<T, V>(run: (parts: MainParts, value: V) => T | Promise<T>, value: V): Promise<T>;
}

const root = resolve(import.meta.dirname, '../..');

export interface LaunchOptions {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Kept from one start to the next; a fresh one where left out. */
  readonly home?: string;
}

/** Starts the app as `npm run build` left it, or the packed one that `npm run dist:check` names. */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const packedResources = process.env['TESSERA_PACKED_RESOURCES'];
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'tessera-e2e-')));
  const port = await freePort();
  const env = {
    ...process.env,
    HOST_DEBUG_PORT: String(port),
    HOST_USER_DATA: join(home, 'user-data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    ...(packedResources === undefined ? {} : { HOST_RESOURCES: packedResources }),
    ...options.environment,
  };
  const app = process.env['TESSERA_PACKED_APP'] ?? root;
  const child = fork(join(import.meta.dirname, 'host.ts'), [app, ...(options.arguments ?? [])], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors += text.toString('utf8')));
  const exited = new Promise<void>((settle) =>
    child.once('exit', () => {
      settle();
    }),
  );
  const waiting = new Map<number, (message: { value?: unknown; error?: string }) => void>();
  await new Promise<void>((settle, reject) => {
    child.on('message', (message: { ready?: true; id?: number; value?: unknown; error?: string }) => {
      if (message.ready === true) settle();
      else waiting.get(message.id ?? 0)?.(message);
    });
    void exited.then(() => {
      reject(new Error(`The app ended at its start.\n${errors}`));
    });
  });
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = await firstPage(browser);
  let calls = 0;
  return {
    page,
    process: child,
    errorOutput: () => errors,
    evaluate: (run, value) =>
      new Promise((settle, reject) => {
        const id = ++calls;
        waiting.set(id, (message) => {
          if (message.error === undefined) settle(message.value as never);
          else reject(new Error(message.error));
        });
        child.send({ id, text: run.toString(), value });
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 8000);
      await exited;
      clearTimeout(late);
      await browser.close().catch(() => undefined);
      if (options.home === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

async function firstPage(browser: Browser): Promise<Page> {
  for (let tries = 0; tries < 200; tries += 1) {
    const page = browser
      .contexts()[0]
      ?.pages()
      .find((one) => one.url().includes('.localhost'));
    if (page !== undefined) {
      await page.waitForLoadState();
      return page;
    }
    await new Promise((settle) => setTimeout(settle, 50));
  }
  throw new Error('The app opened no window.');
}

async function freePort(): Promise<number> {
  return new Promise((settle) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        settle(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
