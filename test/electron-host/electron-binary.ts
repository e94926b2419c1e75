import { createRequire } from 'node:module';

/** The real Electron's executable, fetched if it must be; undefined where it cannot be had. */
export function findElectron(): string | undefined {
  if (process.env['TESSERA_HOST'] === '1') return undefined;
  try {
    return createRequire(import.meta.url)('electron') as string;
  } catch {
    return undefined;
  }
}

/** The environment for the stand-in: with a window that can be seen where there is a screen. */
export function hostEnvironment(): NodeJS.ProcessEnv {
  const hasScreen =
    process.platform !== 'linux' ||
    process.env['DISPLAY'] !== undefined ||
    process.env['WAYLAND_DISPLAY'] !== undefined;
  return hasScreen ? { ...process.env, HOST_HEADED: '1' } : process.env;
}
