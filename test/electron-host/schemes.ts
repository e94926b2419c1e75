/** Custom schemes on the loopback: `app://tessera/x` is served as `http://app.tessera.localhost/x`. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { record } from './runtime.ts';

type Handler = (request: Request) => Response | Promise<Response>;

export const schemes = new Set<string>();
export const handlers = new Map<string, Handler>();

/** Without this cookie nobody on the machine is answered. */
export const secret = { name: 'tessera-host', value: randomBytes(24).toString('base64url') };

/** Where a browser finds what the app calls by its own scheme. */
export function toWeb(url: string): string {
  const [, scheme, host, rest] = /^([a-z][\w.+-]*):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (scheme === undefined || !schemes.has(scheme)) return url;
  return `http://${scheme}.${host ?? ''}.localhost${rest === '' ? '/' : (rest ?? '/')}`;
}

/** What the app calls something that a browser asked for. */
export function toApp(url: string): string {
  const [, scheme, host, rest] = /^http:\/\/([\w+-]+)\.([^/]+)\.localhost(?::\d+)?(\/.*)?$/.exec(url) ?? [];
  return scheme !== undefined && schemes.has(scheme) ? `${scheme}://${host ?? ''}${rest ?? '/'}` : url;
}

/** Serves the schemes on the loopback; returns the server and its port. */
export async function serveSchemes(): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The loopback server has no port.');
  return { server, port: address.port };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = toApp(`http://${request.headers.host ?? ''}${request.url ?? '/'}`);
  const handler = handlers.get(url.slice(0, url.indexOf(':')));
  const cookies = (request.headers.cookie ?? '').split('; ');
  if (handler === undefined || !cookies.includes(`${secret.name}=${secret.value}`)) {
    response.writeHead(403).end();
    return;
  }
  try {
    const answer = await handler(new Request(url, { method: request.method ?? 'GET' }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body === null) response.end();
    else
      Readable.from(answer.body)
        .on('error', () => response.destroy())
        .pipe(response);
  } catch (error) {
    record('protocol.error', `${url}: ${String(error)}`);
    response.destroy();
  }
}
