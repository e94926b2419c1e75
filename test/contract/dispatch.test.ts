import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDispatch, type Dispatch, type InvokeHandlers } from '../../main/ipc/dispatch.ts';
import { invokeNames, type InvokeName, type InvokePayload } from '../../preload/contract/channels.ts';

const valid: { readonly [N in InvokeName]: InvokePayload<N> } = {
  'app:welcome': undefined,
  'queue:read': { from: 0, count: 100 },
  'queue:add': { paths: ['/photos/a.jpg'] },
  'queue:pick': { kind: 'photos' },
  'queue:remove': { jobs: [1, 2] },
  'queue:move': { jobs: [1], before: 2 },
  'queue:override': { jobs: [1], overrides: { quality: 80, target: { kind: 'scale', factor: 2 }, format: null } },
  'queue:start': undefined,
  'queue:pause': undefined,
  'queue:resume': undefined,
  'queue:cancel': { jobs: 'all' },
  'queue:retry': { jobs: 'failed' },
  'queue:plan': { job: 1, overrides: { model: 'faithful' } },
  'queue:reveal': { job: 1 },
  'preview:compare': { job: 1 },
  'preview:region': { job: 1, region: { leftPx: 0, topPx: 0, widthPx: 256, heightPx: 256 }, model: null },
  'preview:close': { tokens: ['abc-DEF_1'] },
  'settings:update': { tilePx: 192, theme: 'dark' },
  'settings:estimate': { workers: 2 },
  'settings:pickFolder': undefined,
  'machine:read': undefined,
  'machine:tune': { budgetMs: 60_000 },
  'machine:checkDevices': undefined,
  'machine:cancel': { work: 1 },
  'machine:forgetTuning': undefined,
  'diagnostics:read': undefined,
  'diagnostics:exportTrace': undefined,
  'diagnostics:copy': undefined,
};

/** A window and a main process in one memory: what was asked reaches these handlers or nothing. */
function connect(): { readonly dispatch: Dispatch; readonly reached: unknown[]; readonly bugs: unknown[] } {
  const reached: unknown[] = [];
  const bugs: unknown[] = [];
  const handlers = Object.fromEntries(
    invokeNames.map((name) => [name, (payload: unknown) => reached.push(payload)]),
  ) as unknown as InvokeHandlers;
  return { dispatch: createDispatch(handlers, (_name, error) => bugs.push(error)), reached, bugs };
}

/** Values that fit a channel by chance are not hostile: nothing, and an empty change. */
function harmless(payload: unknown): boolean {
  return (
    payload === undefined || (typeof payload === 'object' && payload !== null && Object.keys(payload).length === 0)
  );
}

describe.each(invokeNames)('%s', (name) => {
  it('reaches its handler with a payload that fits', async () => {
    const { dispatch, reached } = connect();
    await expect(dispatch(name, [valid[name]], true)).resolves.toMatchObject({ kind: 'value' });
    expect(reached).toEqual([valid[name]]);
  });

  it('refuses 10,000 hostile payloads with a code, and nothing happens', async () => {
    const { dispatch, reached, bugs } = connect();
    await fc.assert(
      fc.asyncProperty(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
        async (payload) => {
          fc.pre(!harmless(payload));
          const envelope = await dispatch(name, [payload], true);
          expect(envelope).toMatchObject({ kind: 'refused', error: { code: 'payload-refused' } });
        },
      ),
      { numRuns: 10_000 },
    );
    expect(reached).toEqual([]);
    expect(bugs).toEqual([]);
  }, 120_000);

  it('refuses a good payload with one thing changed', async () => {
    const { dispatch, reached } = connect();
    const good = valid[name];
    const spoilt = good === undefined ? [null, {}, 0, ''] : spoil(good);
    for (const payload of spoilt) {
      await expect(dispatch(name, [payload], true), JSON.stringify(payload)).resolves.toMatchObject({
        kind: 'refused',
      });
    }
    expect(reached).toEqual([]);
  });

  it('answers no stranger, and no second payload', async () => {
    const { dispatch, reached } = connect();
    await expect(dispatch(name, [valid[name]], false)).resolves.toMatchObject({ error: { code: 'sender-refused' } });
    await expect(dispatch(name, [valid[name], 1], true)).resolves.toMatchObject({ error: { code: 'payload-refused' } });
    expect(reached).toEqual([]);
  });
});

it('leaves a long name to the settings, which judge it in words', async () => {
  const { dispatch, reached } = connect();
  const nameTemplate = `{name}${'-'.repeat(300)}.{ext}`;
  await dispatch('settings:update', [{ nameTemplate }], true);
  await dispatch('queue:plan', [{ job: 1, overrides: { nameTemplate } }], true);
  await dispatch('queue:override', [{ jobs: [1], overrides: { nameTemplate } }], true);
  expect(reached).toHaveLength(3);
});

it('turns what a handler throws into a code, without its words', async () => {
  const handlers = {
    'app:welcome': () => {
      throw new Error('secret path');
    },
  } as unknown as InvokeHandlers;
  const envelope = await createDispatch(handlers, () => undefined)('app:welcome', [], true);
  expect(envelope).toMatchObject({ kind: 'refused', error: { code: 'handler-failed' } });
  expect(JSON.stringify(envelope)).not.toContain('secret');
});

/** Each field with a value of a wrong kind, and one field too many. */
function spoil(good: Readonly<Record<string, unknown>>): unknown[] {
  const wrong = Object.keys(good).map((key) => ({ ...good, [key]: { $wrong: true } }));
  return [...wrong, { ...good, extra: 1 }, [good]];
}
