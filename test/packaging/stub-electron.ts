/** Folders laid out as Electron's distributions, for packing where the real ones cannot be had. Nothing in them runs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fuseSentinel } from './fuses.ts';
import type { PackageLayout } from './systems.ts';

const notice = 'This stands in for a part of Electron, so that packing can be checked without it. It cannot run.\n';

/** The fuses as Electron ships them: version 1, eight of them, all but cookies and integrity open. */
const fusesAsShipped = Buffer.concat([Buffer.from(fuseSentinel), Buffer.from([1, 8]), Buffer.from('10110001')]);
const program = Buffer.concat([Buffer.from(`#!/bin/sh\n# ${notice}exit 1\n`), fusesAsShipped]);

type Files = Readonly<Record<string, string | Buffer>>;

const beside = { LICENSE: notice, 'LICENSES.chromium.html': notice };

const plist = (name: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>CFBundleExecutable</key><string>${name}</string></dict></plist>
`;

/** An application of macOS, with what it needs to be one. */
const bundle = (place: string, name: string): Files => ({
  [`${place}/${name}.app/Contents/Info.plist`]: plist(name),
  [`${place}/${name}.app/Contents/MacOS/${name}`]: notice,
});

const files: Readonly<Record<PackageLayout['option'], Files>> = {
  '--linux': { ...beside, electron: program, 'chrome-sandbox': notice, 'locales/en-US.pak': notice },
  '--win': { ...beside, 'electron.exe': program, 'locales/en-US.pak': notice },
  '--mac': {
    ...beside,
    ...bundle('.', 'Electron'),
    ...bundle('Electron.app/Contents/Frameworks', 'Electron Helper'),
    'Electron.app/Contents/Frameworks/Electron Framework.framework/Electron Framework': program,
    'Electron.app/Contents/Resources/en.lproj/locale.pak': notice,
  },
};

/** Writes the stub of Electron for a system. */
export async function writeStubElectron(folder: string, { option }: PackageLayout, version: string): Promise<void> {
  for (const [name, content] of Object.entries({ ...files[option], version })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content, { mode: Buffer.isBuffer(content) ? 0o755 : 0o644 });
  }
  await mkdir(join(folder, 'resources'), { recursive: true });
}
