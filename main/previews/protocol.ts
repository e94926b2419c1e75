import { net, protocol } from 'electron';
import { join, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PictureBook } from './picture-book.ts';

/** The origin of the window, its previews included. */
export const appOrigin = 'app://tessera';

const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** To be called before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/**
 * Serves the window's files and its previews.
 *
 * @param rendererFolder the built renderer
 * @param devServer in development, where the renderer's files come from instead
 */
export function serveApp(rendererFolder: string, book: PictureBook, devServer: string | undefined): void {
  protocol.handle('app', async (request) => {
    const { host, pathname, search } = new URL(request.url);
    if (host !== 'tessera' || request.method !== 'GET') return refuse(403);
    if (pathname.startsWith('/preview/')) return servePreview(pathname, book);
    // The development server writes its styles and scripts into the page, which the content policy forbids.
    if (devServer !== undefined) return net.fetch(new URL(`${pathname}${search}`, devServer).href);
    const file = normalize(join(rendererFolder, decodeURIComponent(pathname)));
    if (!file.startsWith(rendererFolder + sep)) return refuse(403);
    return serveFile(file, { 'content-security-policy': contentPolicy, 'x-content-type-options': 'nosniff' });
  });
}

async function servePreview(pathname: string, book: PictureBook): Promise<Response> {
  const address = /^\/preview\/([\w-]+)(?:\/(\d+)\/(\d+)\/(\d+))?$/.exec(pathname);
  const [, token, level, column, row] = address ?? [];
  if (token === undefined) return refuse(404);
  const file =
    level === undefined
      ? await book.thumbnail(token)
      : await book.tile(token, { level: Number(level), column: Number(column), row: Number(row) });
  return file === undefined ? refuse(404) : serveFile(file, { 'cache-control': 'max-age=31536000, immutable' });
}

async function serveFile(file: string, extra: Readonly<Record<string, string>>): Promise<Response> {
  const found = await net.fetch(pathToFileURL(file).href).catch(() => undefined);
  if (found?.ok !== true) return refuse(404);
  const headers = new Headers(found.headers);
  for (const [name, value] of Object.entries(extra)) headers.set(name, value);
  return new Response(found.body, { headers });
}

function refuse(status: number): Response {
  return new Response(null, { status });
}
