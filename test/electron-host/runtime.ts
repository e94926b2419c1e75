/** What the stand-in's parts share: the browser, the app's place, and the record of what the app asked the desktop for. */
import type { BrowserContext } from 'playwright-core';

export interface HostRuntime {
  context: BrowserContext | undefined;
  appFolder: string;
  name: string;
  version: string;
  userData: string;
  readonly isPackaged: boolean;
  readonly log: { readonly what: string; readonly value: unknown }[];
}

export const runtime: HostRuntime = {
  context: undefined,
  appFolder: '',
  name: '',
  version: '',
  userData: '',
  isPackaged: process.env['HOST_RESOURCES'] !== undefined,
  log: [],
};

/** Remembers a call that has an effect outside the window, for tests to look at. */
export function record(what: string, value?: unknown): void {
  runtime.log.push({ what, value });
}

/** Makes an object refuse, by name, whatever it does not have. */
export function strict<T extends object>(name: string, object: T): T {
  return new Proxy(object, {
    get(target, key): unknown {
      if (key in target || typeof key === 'symbol' || key === 'then' || key === 'toJSON' || key.startsWith('_')) {
        const value: unknown = Reflect.get(target, key, target);
        // Private parts are the target's own, not the proxy's.
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      throw new Error(`The stand-in for Electron does not implement ${name}.${key}.`);
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

/** An event that a listener can hold back, as Electron's are. */
export interface Preventable {
  defaultPrevented: boolean;
  preventDefault(): void;
}

export function preventable(): Preventable {
  const event = {
    defaultPrevented: false,
    preventDefault: () => {
      event.defaultPrevented = true;
    },
  };
  return event;
}
