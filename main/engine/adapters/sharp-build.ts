/**
 * Which build of sharp this process uses: the native one, or the same version compiled to WebAssembly.
 *
 * Electron's binary for Linux is linked with the system's GLib, and native sharp brings a GLib of its own. Both in one
 * process mix up their type registries, which ends in warnings and at times in a crash. The WebAssembly build has
 * nothing of either. Everywhere else, the command line included, native sharp is faster and stays.
 */
import nodeModule from 'node:module';
import { workerData } from 'node:worker_threads';
import type sharpModule from 'sharp';

export type Sharp = typeof sharpModule;
export type SharpBuild = 'native' | 'wasm';

/** What a thread that is started for the codec gets as its `workerData`. */
export const codecThreadData = 'tessera-codec';

/** Whether this is the thread that the codec runs in; there is one only for the WebAssembly build. */
export const isCodecThread = workerData === codecThreadData;

/** The rule: WebAssembly inside Electron on Linux. */
export const sharpBuild: SharpBuild =
  isCodecThread || (process.platform === 'linux' && 'electron' in process.versions) ? 'wasm' : 'native';

/** sharp in this process's build. */
export async function loadSharp(build: SharpBuild = sharpBuild): Promise<Sharp> {
  if (build === 'native') return (await import('sharp')).default;
  // A Linux package has no native binding, and sharp takes the other by itself. Elsewhere both are installed.
  const hooks = nodeModule.registerHooks({
    resolve(specifier, context, next) {
      if (!/^@img\/sharp-linux[\w-]*\/sharp\.node$/.test(specifier)) return next(specifier, context);
      throw Object.assign(new Error(`${specifier} is left aside inside Electron.`), { code: 'MODULE_NOT_FOUND' });
    },
  });
  try {
    return (await import('sharp')).default;
  } finally {
    hooks.deregister();
  }
}
