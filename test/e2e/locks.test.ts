import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder } from './window.ts';

describe.skipIf(!hasBrowser)('the window', () => {
  let person: Person;
  beforeAll(async () => {
    person = await Person.at({ arguments: [await photoFolder(['sunset.png'])] });
  });
  afterAll(async () => {
    await person.app[Symbol.asyncDispose]();
  });

  it('has one frozen way out and nothing of Node or Electron', async () => {
    const found = await person.page.evaluate(
      `({ node: typeof require + typeof process, frozen: Object.isFrozen(tessera), keys: Object.keys(tessera).sort() })`,
    );
    expect(found).toEqual({ node: 'undefinedundefined', frozen: true, keys: ['invoke', 'listen', 'pathsOf'] });
  });

  it('is refused what is not in the contract, with a code', async () => {
    const answers = await person.page.evaluate(
      `Promise.all([tessera.invoke('shell:run', { command: 'ls' }), tessera.invoke('queue:read', { from: -1, count: 10 }), tessera.invoke('queue:add', { paths: '/etc/passwd' })])`,
    );
    expect(answers).toMatchObject([
      { kind: 'refused', error: { code: 'payload-refused' } },
      { kind: 'refused', error: { code: 'payload-refused' } },
      { kind: 'refused', error: { code: 'payload-refused' } },
    ]);
  });

  it('runs no foreign script, reaches no network and goes nowhere', async () => {
    const reached: string[] = [];
    const server = createServer((request, response) => {
      reached.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
    const address = server.address();
    const outside = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
    const result = await person.page.evaluate(`(async () => {
      const broken = [];
      document.addEventListener('securitypolicyviolation', (event) => broken.push(event.effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'window.foreign = 1';
      document.head.append(script);
      await fetch('${outside}fetched').catch(() => undefined);
      window.open('${outside}opened');
      location.href = '${outside}visited';
      await new Promise((settle) => setTimeout(settle, 500));
      return { broken, foreign: window.foreign ?? 0 };
    })()`);
    server.close();
    expect(result).toEqual({ broken: ['script-src-elem', 'connect-src'], foreign: 0 });
    expect(reached).toEqual([]);
    const log = await person.app.evaluate(({ log }) => log, null);
    expect(log).toContainEqual({ what: 'navigation.prevented', value: `${outside}visited` });
    expect(log).toContainEqual({ what: 'window.open', value: { url: `${outside}opened`, action: 'deny' } });
  });

  it('is served to itself alone, and previews to no guessed address', async () => {
    const status = await person.page.evaluate(
      `Promise.all(['/preview/guess', '/preview/guess/0/0/0', '/../package.json', '/%2e%2e/%2e%2e/package.json'].map((path) => fetch(path).then((answer) => answer.status)))`,
    );
    expect(status).toEqual([404, 404, 404, expect.toSatisfy((code: number) => code >= 400)]);
  });
});
