import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Settings and measurements of whoever runs the tests must not reach them. */
const ownSettings = mkdtempSync(join(tmpdir(), 'tessera-settings-'));
process.on('exit', () => {
  rmSync(ownSettings, { recursive: true, force: true });
});

export default defineConfig({
  test: {
    // Inference uses every core it is given: two files at once already fill a small machine.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
    env: { XDG_CONFIG_HOME: ownSettings, APPDATA: ownSettings },
    projects: [
      {
        extends: true,
        test: { name: 'house', include: ['test/**/*.test.ts'], exclude: ['test/{e2e,smoke}/**', 'node_modules/**'] },
      },
      {
        extends: true,
        plugins: [svelte({ configFile: 'svelte.config.js' })],
        test: { name: 'window', include: ['renderer/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          // The app itself takes all cores, and its answers are waited for.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
