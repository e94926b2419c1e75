import { expect, it } from 'vitest';
import { RefusedError, type Api } from '../api/api.ts';
import { createFake } from '../api/fake.ts';
import { SettingsState } from './settings.svelte.ts';

it('say why a change was refused, keep what was, and forget it with the next change that is taken', async () => {
  const fake = createFake();
  let refused = true;
  const ask: Api['ask'] = async (name, ...payload) => {
    if (refused && name === 'settings:update') throw new RefusedError({ code: 'payload-refused', message: 'Not so.' });
    return fake.ask(name, ...payload);
  };
  const settings = new SettingsState({ ...fake, ask }, await fake.ask('app:welcome'));
  await expect(settings.update({ quality: 80 })).resolves.toBe(false);
  expect(settings.refusal).toEqual({ code: 'payload-refused', message: 'Not so.' });
  expect(settings.current.quality).toBe(92);
  await settings.reset('quality');
  expect(settings.refusal).not.toBeNull();
  refused = false;
  await expect(settings.update({ quality: 80 })).resolves.toBe(true);
  expect(settings.refusal).toBeNull();
  expect(settings.current.quality).toBe(80);
});
