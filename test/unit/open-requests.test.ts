import { EventEmitter } from 'node:events';
import type { App } from 'electron';
import { expect, it } from 'vitest';
import { OpenRequests } from '../../main/desktop/open-requests.ts';

it('keeps what the system asks to open before there is a queue, and passes on what it asks later', () => {
  const app = new EventEmitter();
  const requests = new OpenRequests(app as unknown as Pick<App, 'on'>);
  let prevented = 0;
  const event = { preventDefault: () => (prevented += 1) };
  app.emit('open-file', event, '/photos/a.jpg');
  app.emit('open-file', event, '/photos/more');
  const taken: (readonly string[])[] = [];
  requests.handTo((paths) => taken.push(paths));
  app.emit('open-file', event, '/photos/b.jpg');
  expect(taken).toEqual([['/photos/a.jpg', '/photos/more'], ['/photos/b.jpg']]);
  expect(prevented).toBe(3);
});
