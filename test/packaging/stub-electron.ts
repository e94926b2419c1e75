/** A folder laid out as Electron's distribution, for packing where the real one cannot be had. Nothing in it runs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fuseSentinel } from './fuses.ts';

const notice = 'This stands in for a part of Electron, so that packing can be checked without it. It cannot run.\n';

/** The fuses as Electron ships them: version 1, eight of them, all but cookies and integrity open. */
const fusesAsShipped = Buffer.concat([Buffer.from(fuseSentinel), Buffer.from([1, 8]), Buffer.from('10110001')]);

/** Writes the stub of Electron for Linux. */
export async function writeStubElectron(folder: string, electronVersion: string): Promise<void> {
  const files = {
    electron: Buffer.concat([Buffer.from(`#!/bin/sh\n# ${notice}exit 1\n`), fusesAsShipped]),
    'chrome-sandbox': notice,
    LICENSE: notice,
    'LICENSES.chromium.html': notice,
    version: electronVersion,
    'locales/en-US.pak': notice,
  };
  await mkdir(join(folder, 'resources'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content, { mode: name === 'electron' ? 0o755 : 0o644 });
  }
}
