import { execFile, execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const launcher = resolve(import.meta.dirname, '../../main/tessera.js');
let folder: string;
let script: string;

/** A command line that stands in for the real one: it tells what it was given. */
const cli = `
export async function main(argv: readonly string[]): Promise<number> {
  console.log(JSON.stringify(argv));
  return Number(argv[0] ?? 0);
}
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-launcher-'));
  await mkdir(join(folder, 'main'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'main/cli.ts'), cli);
  script = join(folder, 'main/tessera.js');
  await copyFile(launcher, script);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(node: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  return new Promise((done) => {
    execFile(node, args, { env: { ...env, NODE_OPTIONS: '' }, timeout: 20_000 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A Node on this machine that is too old, if there is one. */
function oldNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const nodes = ['/usr/bin', '/usr/local/bin', ...folders].map((each) => join(each, 'node')).filter(existsSync);
  return [...new Set(nodes.map((node) => realpathSync(node)))].find((node) => {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' });
    return Number(/^v(\d+)/.exec(version)?.[1]) < 22;
  });
}

describe('the launcher', () => {
  it('hands the arguments over and gives the exit code back', async () => {
    expect(await run(process.execPath, [script, '3', 'a b'])).toEqual({ code: 3, stdout: '["3","a b"]\n', stderr: '' });
    expect(await run(process.execPath, [script])).toMatchObject({ code: 0 });
  });

  it('starts Node again where it does not read TypeScript by itself', async () => {
    const [node, flag] = [process.execPath, '--no-experimental-strip-types'];
    const ended = await run(node, [flag, script, '130', 'ü']);
    expect(ended).toEqual({ code: 130, stdout: '["130","ü"]\n', stderr: '' });
  });

  it('starts Node again only once, and says so where that does not help', async () => {
    const env = { ...process.env, TESSERA_RESTARTED: '1' };
    const ended = await run(process.execPath, ['--no-experimental-strip-types', script, '0'], env);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^Tessera could not make this Node read TypeScript: .*\.\n$/);
  });

  const old = oldNode();
  it.skipIf(old === undefined)('says in a sentence that Node is too old', async () => {
    const ended = await run(old ?? '', [script, '0']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^Tessera needs Node 22\.13 or newer, and this is Node \d+\.\d+\.\d+: .*\.\n$/);
  });
});
