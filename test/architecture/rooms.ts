/**
 * The import table of the house: which room may import which.
 *
 * The linter and `test/architecture.test.ts` both read this table, so that it is written down once.
 */
export interface Room {
  /** The folder or file, from the repository's root. The most specific entry that holds a file is its room. */
  readonly path: string;
  /** Other rooms that it may import; its own files it always may. */
  readonly mayImport: readonly string[];
  /** The fenced packages that it may use; every other package is free. */
  readonly packages?: readonly string[];
  /** False for rooms that run without Node, or that are pure. */
  readonly node?: false;
}

/** Packages that only the rooms which name them may import. */
export const fencedPackages = ['electron', 'sharp', 'onnxruntime-node', 'onnxruntime-common'];

export const rooms: Readonly<Record<string, Room>> = {
  contract: { path: 'preload/contract', mayImport: [], node: false },
  preload: { path: 'preload', mayImport: ['contract'], packages: ['electron'], node: false },
  renderer: { path: 'renderer', mayImport: ['contract'], node: false },
  models: { path: 'models', mayImport: [] },
  // Made by the code that uses it, so that both measure the same.
  niqeFit: { path: 'models/training/fit-niqe.ts', mayImport: ['engine'], packages: ['sharp'] },
  // Which version of the runtime is installed; the tunings of another one hold no more.
  manifest: { path: 'package.json', mayImport: [] },
  engine: { path: 'main/engine', mayImport: [], node: false },
  adapters: {
    path: 'main/engine/adapters',
    mayImport: ['engine', 'sharpBuild'],
    packages: ['sharp', 'onnxruntime-node', 'onnxruntime-common'],
  },
  // Which build of sharp a process uses is decided in one place; how much memory that takes is known to who sizes a pool.
  sharpBuild: { path: 'main/engine/adapters/sharp-build.ts', mayImport: [], packages: ['sharp'] },
  protocol: { path: 'main/worker/protocol.ts', mayImport: ['engine'] },
  // Written by workers and read by the queue, which clears away what a cancelled photo left.
  claim: { path: 'main/worker/claim.ts', mayImport: [] },
  worker: { path: 'main/worker', mayImport: ['engine', 'adapters', 'models', 'protocol', 'claim'] },
  settings: { path: 'main/settings', mayImport: ['engine', 'models'] },
  jobs: {
    path: 'main/jobs',
    mayImport: ['engine', 'protocol', 'claim', 'models', 'settings', 'pool', 'manifest', 'sharpBuild'],
  },
  pool: { path: 'main/pool', mayImport: ['engine', 'protocol'] },
  utilityTransport: {
    path: 'main/pool/utility-process-transport.ts',
    mayImport: ['pool', 'protocol'],
    packages: ['electron'],
  },
  tune: {
    path: 'main/tune',
    mayImport: ['engine', 'protocol', 'pool', 'settings', 'models', 'jobs'],
  },
  desktopRooms: {
    path: 'main/desktop',
    mayImport: ['contract', 'jobs', 'pool', 'tune', 'settings', 'models', 'engine', 'protocol', 'previews'],
    packages: ['electron'],
  },
  ipc: {
    path: 'main/ipc',
    mayImport: [
      'contract',
      'desktopRooms',
      'jobs',
      'pool',
      'tune',
      'settings',
      'models',
      'engine',
      'protocol',
      'previews',
    ],
    packages: ['electron'],
  },
  previews: {
    path: 'main/previews',
    mayImport: ['contract', 'jobs', 'pool', 'settings', 'models', 'engine', 'protocol'],
    packages: ['electron'],
  },
  // A process of its own, so that thumbnails and tiles wait for no inference and no main process waits for them.
  previewWorker: {
    path: 'main/previews/worker',
    // Which build of sharp a process uses is decided in one place.
    mayImport: ['previews', 'adapters', 'sharpBuild'],
    packages: ['sharp'],
  },
  window: { path: 'main/window.ts', mayImport: ['contract', 'settings'], packages: ['electron'] },
  command: {
    path: 'main/command',
    mayImport: ['jobs', 'pool', 'tune', 'settings', 'models', 'engine', 'protocol'],
  },
  cli: {
    path: 'main/cli.ts',
    mayImport: ['command', 'jobs', 'pool', 'tune', 'settings', 'models', 'engine', 'protocol'],
  },
  launcher: { path: 'main/tessera.js', mayImport: ['cli'] },
  composition: {
    path: 'main/index.ts',
    mayImport: [
      'contract',
      'desktopRooms',
      'engine',
      'ipc',
      'jobs',
      'models',
      'pool',
      'previews',
      'protocol',
      'settings',
      'tune',
      'utilityTransport',
      'window',
      'worker',
    ],
    packages: ['electron'],
  },
};

/**
 * The room that holds a file, or undefined for files outside the table (tests, configuration).
 *
 * @param file path from the repository's root, with forward slashes
 */
export function roomOf(file: string): string | undefined {
  let best: { name: string; length: number } | undefined;
  for (const [name, { path }] of Object.entries(rooms)) {
    const inside = file === path || file.startsWith(`${path}/`);
    if (inside && path.length > (best?.length ?? -1)) best = { name, length: path.length };
  }
  return best?.name;
}
