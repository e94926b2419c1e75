/** The stand-in for the `electron` executable: runs an app's built main bundle with its windows in a real Chromium. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';
import { chromium } from 'playwright-core';
import { findChromium } from './chromium.ts';
import * as electron from './electron.ts';
import { runtime } from './runtime.ts';
import { secret, serveSchemes } from './schemes.ts';

const [appFolder = '.', ...rest] = process.argv.slice(2);
const headed = process.env['HOST_HEADED'] !== undefined;
const manifest = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as {
  readonly main: string;
  readonly productName: string;
  readonly version: string;
};
Object.assign(runtime, {
  appFolder: resolve(appFolder),
  name: manifest.productName,
  version: manifest.version,
  userData: process.env['HOST_USER_DATA'] ?? join(homedir(), '.config', manifest.productName),
});
Object.assign(process, { resourcesPath: process.env['HOST_RESOURCES'] ?? join(appFolder, 'resources') });
// An installed app is its own executable, and is not told where it lies.
process.argv = [process.execPath, ...(runtime.isPackaged ? [] : [appFolder]), ...rest];

const standIn = pathToFileURL(join(import.meta.dirname, 'electron.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context),
});

process.on('uncaughtException', (error) => {
  console.error(error);
  electron.app.exit(1);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    electron.app.quit();
  });

await openBrowser();
listenToTests();
// As in Electron, where an app that waits for `ready` while its main module is evaluated waits for ever.
await import(pathToFileURL(join(runtime.appFolder, manifest.main)).href);
electron.app._start();
process.send?.({ ready: true });

async function openBrowser(): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium on this machine.');
  const { server, port } = await serveSchemes();
  server.unref();
  // No name but the app's own resolves: nothing that runs here reaches a network.
  const rules = `MAP *.localhost:80 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE localhost`;
  const debugPort = process.env['HOST_DEBUG_PORT'];
  runtime.context = await chromium.launchPersistentContext(join(runtime.userData, 'host-chromium'), {
    executablePath,
    headless: !headed,
    viewport: null,
    // Chromium refuses its own sandbox to root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      // No app of ours opens a second window, and the first request of one would be out before it could be stopped.
      '--block-new-web-contents',
      `--host-resolver-rules=${rules}`,
      ...(debugPort === undefined ? [] : [`--remote-debugging-port=${debugPort}`]),
    ],
  });
  runtime.context.on('close', () => {
    electron.app.exit(0);
  });
  const cookie = { ...secret, domain: 'app.tessera.localhost', path: '/', httpOnly: true, sameSite: 'Strict' } as const;
  await runtime.context.addCookies([cookie]);
}

/** A test runs functions in here, as Playwright's `electronApp.evaluate` does. */
function listenToTests(): void {
  if (process.send === undefined) return;
  process.on('message', (message: { id: number; text: string; value: unknown }) => {
    void (async () => {
      try {
        const run = runInThisContext(`(${message.text})`) as (parts: object, value: unknown) => unknown;
        process.send?.({ id: message.id, value: await run({ ...electron, log: runtime.log }, message.value) });
      } catch (error) {
        process.send?.({ id: message.id, error: String(error) });
      }
    })();
  });
}
