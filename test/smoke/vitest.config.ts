import { defineConfig } from 'vitest/config';

/** Apart from the other tests: this one fetches Electron’s program where it can, and opens a window. */
export default defineConfig({
  test: { name: 'smoke', include: ['test/smoke/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
