/** The child's side of utilityProcess.fork: `process.parentPort` over a child process's channel. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';

// Beside the system's GLib, and in a package, which holds no other codec, the app takes what it takes in Electron.
if (process.env['HOST_GLIB'] !== undefined || process.env['HOST_RESOURCES'] !== undefined) {
  await import('./pretend-electron.ts');
}
const [, , entry = '', ...values] = process.argv;
process.argv = [process.argv[0]!, entry, ...values];

class ParentPort extends EventEmitter {
  postMessage(message: unknown): void {
    process.send?.(message, undefined, undefined, () => undefined);
  }
}

const port = new ParentPort();
const early: unknown[] = [];
Object.assign(process, { parentPort: port });
process.on('message', (data) => {
  if (port.listenerCount('message') > 0) port.emit('message', { data, ports: [] });
  else early.push(data);
});
process.on('disconnect', () => process.exit(0));
await import(pathToFileURL(entry).href);
for (const data of early) port.emit('message', { data, ports: [] });
