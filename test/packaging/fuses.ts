/** Reads the fuses of a packed program, as Electron itself does: https://github.com/electron/electron (fuses.json5) */

/** What stands before the fuses in the program. */
export const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

const names = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const;
export type Fuses = Readonly<Record<(typeof names)[number], boolean>>;

/** What the packed program must have, whatever electron-builder.yml says. */
const wantedFuses: Fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
};

/** The fuses in a program's bytes. Throws where there are none of version 1. */
export function readFuses(program: Buffer): Fuses {
  const at = program.indexOf(fuseSentinel);
  const wire = at + fuseSentinel.length;
  if (at === -1 || program[wire] !== 1) throw new Error('This program has no fuses of the known version.');
  const count = program[wire + 1] ?? 0;
  return Object.fromEntries(
    names.map((name, index) => [name, index < count && program[wire + 2 + index] === '1'.charCodeAt(0)]),
  ) as Fuses;
}

/** One sentence for each fuse that is not as wanted. */
export function wrongFuses(fuses: Fuses): string[] {
  return names
    .filter((name) => fuses[name] !== wantedFuses[name])
    .map((name) => `The fuse ${name} is ${fuses[name] ? 'on' : 'off'}.`);
}
