/** Builds the app and finds it a browser, once for all specs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureChromium } from '../electron-host/chromium.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly hasBrowser: boolean;
  }
}

/** Of everything that the specs and the apps they start put down. */
let temporary = '';

export function setup(project: TestProject): void {
  temporary = mkdtempSync(join(tmpdir(), 'tessera-e2e-'));
  process.env['TMPDIR'] = temporary;
  const hasBrowser = ensureChromium() !== undefined;
  if (!hasBrowser && process.env['CI'] !== undefined) {
    throw new Error('The end-to-end specs need Chromium, and it could not be installed.');
  }
  if (!hasBrowser) console.warn('There is no Chromium here: the end-to-end specs are skipped.');
  project.provide('hasBrowser', hasBrowser);
  // What was packed is not built anew.
  if (!hasBrowser || process.env['TESSERA_PACKED_APP'] !== undefined) return;
  const root = resolve(import.meta.dirname, '../..');
  execFileSync(process.execPath, [resolve(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build'], {
    cwd: root,
    stdio: 'pipe',
  });
}

export function teardown(): void {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
