/**
 * Builds a .deb with Debian's own dpkg-deb from what electron-builder tells fpm, for machines that cannot download fpm.
 * It takes only the options that electron-builder gives, and refuses others by name.
 */
import { execFileSync } from 'node:child_process';
import { cp, chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'source-type': { ...text, short: 's' },
    'target-type': { ...text, short: 't' },
    force: { type: 'boolean' },
    depends: { ...texts, short: 'd' },
    'deb-recommends': texts,
    'deb-compression': text,
    'deb-priority': text,
    architecture: text,
    'after-install': text,
    'after-remove': text,
    description: text,
    version: text,
    package: text,
    name: text,
    maintainer: text,
    vendor: text,
    url: text,
    category: text,
    license: text,
  },
});
if (values['target-type'] !== 'deb') throw new Error('Only .deb is built here.');

const tree = await mkdtemp(join(tmpdir(), 'tessera-deb-'));
for (const mapping of positionals) {
  // source=target; a folder's contents where the source ends in a slash.
  const cut = mapping.lastIndexOf('=');
  const target = join(tree, mapping.slice(cut + 1));
  await mkdir(dirname(target), { recursive: true });
  await cp(mapping.slice(0, cut), target, { recursive: true, verbatimSymlinks: true });
}
await openFolders(tree);
const control = join(tree, 'DEBIAN');
await mkdir(control);
await cp(needed('after-install'), join(control, 'postinst'));
await cp(needed('after-remove'), join(control, 'postrm'));
await chmod(join(control, 'postinst'), 0o755);
await chmod(join(control, 'postrm'), 0o755);
await writeFile(join(control, 'control'), await controlFile());
execFileSync('dpkg-deb', [
  '--root-owner-group',
  `-Z${values['deb-compression'] ?? 'xz'}`,
  '--build',
  tree,
  needed('package'),
]);
await rm(tree, { recursive: true });

function needed(name: 'after-install' | 'after-remove' | 'package' | 'version' | 'name'): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing.`);
  return value;
}

/** Everybody may read what is installed, whatever the mask of who packed it. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  }
}

async function controlFile(): Promise<string> {
  let bytes = 0;
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  const [synopsis = '', ...rest] = (values.description ?? '').trim().split('\n');
  const fields: Readonly<Record<string, string | undefined>> = {
    Package: needed('name'),
    Version: needed('version'),
    License: values.license,
    Vendor: values.vendor,
    Architecture: values.architecture,
    Maintainer: values.maintainer,
    'Installed-Size': String(Math.ceil(bytes / 1024)),
    Depends: values.depends?.join(', '),
    Recommends: values['deb-recommends']?.join(', '),
    Section: values.category ?? 'default',
    Priority: values['deb-priority'],
    Homepage: values.url,
    Description: [synopsis, ...rest.map((line) => ` ${line.trim() === '' ? '.' : line.trim()}`)].join('\n'),
  };
  return Object.entries(fields)
    .flatMap(([field, value]) => (value === undefined ? [] : [`${field}: ${value}\n`]))
    .join('');
}
