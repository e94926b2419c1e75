import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { workerEntry } from '../helpers/enhancer.ts';

const SECRET = 'TESSERA_SPEC_SECRET';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The variables that a process was started with. */
function environmentOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

// Only Linux shows what a process was started with, and only its C library reads the two settings.
describe.skipIf(process.platform !== 'linux')('the environment of a worker', () => {
  it('has the settings of the heap and nothing that the user keeps in theirs', async () => {
    vi.stubEnv(SECRET, 'of nobody’s business');
    const worker = childProcessTransport(workerEntry)();
    const ended = new Promise<void>((resolve) => {
      worker.onExit(() => {
        resolve();
      });
    });
    try {
      if (worker.pid === undefined) throw new Error('Expected a worker that runs');
      const environment = environmentOf(worker.pid);
      expect(environment.get('MALLOC_ARENA_MAX')).toBe('2');
      expect(environment.get('GLIBC_TUNABLES')).toBe('glibc.malloc.hugetlb=1');
      expect(environment.get('PATH')).toBe(process.env['PATH']);
      expect(environment.has(SECRET)).toBe(false);
    } finally {
      worker.kill();
      await ended;
    }
  });
});
