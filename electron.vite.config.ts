import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      sourcemap: true,
      rolldownOptions: {
        input: {
          index: resolve('main/index.ts'),
          worker: resolve('main/worker/index.ts'),
          // An entry, although the worker imports it: it starts itself as a thread.
          'codec-thread': resolve('main/engine/adapters/codec-thread.ts'),
          previewer: resolve('main/previews/worker/index.ts'),
        },
      },
    },
  },
  preload: {
    // A sandboxed preload script is one CommonJS file that can require nothing but electron.
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      sourcemap: 'inline',
      rolldownOptions: { input: { index: resolve('preload/index.ts') }, output: { format: 'cjs' } },
    },
  },
  renderer: {
    root: 'renderer',
    // The icon is drawn once, for the page and for the system.
    publicDir: resolve('resources/icons'),
    plugins: [svelte({ configFile: resolve('svelte.config.js') })],
    // The page comes through the app's own scheme; only its news of changes goes straight to the server.
    server: { port: 5173, strictPort: true, hmr: { protocol: 'ws', host: 'localhost', port: 5173 } },
    build: {
      outDir: resolve('out/renderer'),
      emptyOutDir: true,
      // What the licences of the bundled packages and of the font ask for.
      license: { fileName: 'LICENSES.txt' },
      rolldownOptions: { input: resolve('renderer/index.html') },
    },
  },
});
