/** The page's side of the stand-in. These functions are sent to the browser as text: they reach nothing outside them. */

/** A preload script, as the CommonJS module that it is. */
export type PreloadScript = (require: (id: string) => unknown, module: object, exports: object) => void;

/**
 * Runs in both worlds of every document, the page's first and the isolated one second. The worlds talk by synchronous
 * events, whose detail Chromium clones from world to world; functions cross as numbers.
 */
export function installWorld(role: 'page' | 'preload', token: string, preload: PreloadScript): void {
  const page = globalThis as unknown as {
    readonly top: unknown;
    addEventListener(type: string, listener: (event: unknown) => void): void;
    dispatchEvent(event: CustomEvent): void;
  };
  if (page.top !== globalThis) return;
  type Message =
    | { op: 'expose'; key: string; value: unknown }
    | { op: 'call'; call: string; id: number; values: unknown[] }
    | { op: 'return'; call: string; value?: unknown; later?: boolean; error?: string }
    | { op: 'settle'; call: string; value?: unknown; error?: string };
  const other = role === 'page' ? 'preload' : 'page';
  const functions: ((...values: unknown[]) => unknown)[] = [];
  const calls = new Map<string, (message: Message) => void>();
  let count = 0;
  const tell = (message: Message): void => {
    page.dispatchEvent(new CustomEvent(token + other, { detail: message }));
  };
  const isPlain = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  const pack = (value: unknown): unknown => {
    if (typeof value === 'function') return { $function: functions.push(value as never) - 1 };
    if (Array.isArray(value)) return value.map(pack);
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pack(part)]));
  };
  const unpack = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(unpack);
    if (!isPlain(value)) return value;
    if (typeof value['$function'] === 'number') return proxy(value['$function']);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unpack(part)]));
  };
  const proxy =
    (id: number) =>
    (...values: unknown[]): unknown => {
      const call = `${role}${++count}`;
      let answer: Extract<Message, { op: 'return' }> | undefined;
      calls.set(call, (message) => {
        answer = message as never;
      });
      // Answered before this returns.
      tell({ op: 'call', call, id, values: pack(values) as unknown[] });
      if (answer?.error !== undefined) throw new Error(answer.error);
      if (answer?.later !== true) {
        calls.delete(call);
        return unpack(answer?.value);
      }
      return new Promise((resolve, reject) => {
        calls.set(call, (message) => {
          calls.delete(call);
          const { error, value } = message as Extract<Message, { op: 'settle' }>;
          if (error === undefined) resolve(unpack(value));
          else reject(new Error(error));
        });
      });
    };
  const answerCall = ({ call, id, values }: Extract<Message, { op: 'call' }>): void => {
    const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));
    try {
      const value = functions[id]!(...(unpack(values) as unknown[]));
      if (!(value instanceof Promise)) {
        tell({ op: 'return', call, value: pack(value) });
        return;
      }
      tell({ op: 'return', call, later: true });
      value.then(
        (settled) => {
          tell({ op: 'settle', call, value: pack(settled) });
        },
        (error: unknown) => {
          tell({ op: 'settle', call, error: told(error) });
        },
      );
    } catch (error) {
      tell({ op: 'return', call, error: told(error) });
    }
  };
  const freeze = (value: unknown): unknown => {
    if (isPlain(value)) for (const part of Object.values(value)) freeze(part);
    return Object.freeze(value);
  };
  page.addEventListener(token + role, (event) => {
    const message = (event as CustomEvent<Message>).detail;
    if (message.op === 'call') answerCall(message);
    else if (message.op === 'expose') {
      Object.defineProperty(globalThis, message.key, { value: freeze(unpack(message.value)), enumerable: true });
    } else calls.get(message.call)?.(message);
  });
  if (role === 'page') return;

  const host = (globalThis as unknown as { __electronHost: (text: string) => void }).__electronHost;
  const heard = new Map<string, ((event: unknown, ...values: unknown[]) => void)[]>();
  const asked = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const paths = new Map<string, string>();
  const deliver = (text: string): void => {
    const message = JSON.parse(text) as {
      kind: 'reply' | 'event' | 'paths';
      id?: number;
      error?: string;
      value?: unknown;
      channel?: string;
      known?: [string, string][];
    };
    if (message.kind === 'paths') for (const [key, path] of message.known ?? []) paths.set(key, path);
    else if (message.kind === 'event') {
      for (const listener of heard.get(message.channel ?? '') ?? []) listener({}, message.value);
    } else {
      const waiting = asked.get(message.id ?? 0);
      asked.delete(message.id ?? 0);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(new Error(message.error));
    }
  };
  Object.assign(globalThis, { __electronDeliver: deliver });
  const ipcRenderer = {
    invoke: (channel: string, ...values: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++count;
        asked.set(id, { resolve, reject });
        // Absent and undefined are the same to a channel; JSON knows only one of them.
        host(JSON.stringify({ id, channel, values: values.filter((value) => value !== undefined) }));
      }),
    on: (channel: string, listener: (event: unknown, ...values: unknown[]) => void) => {
      heard.set(channel, [...(heard.get(channel) ?? []), listener]);
    },
    off: (channel: string, listener: (event: unknown, ...values: unknown[]) => void) => {
      heard.set(
        channel,
        (heard.get(channel) ?? []).filter((one) => one !== listener),
      );
    },
  };
  const electron = {
    ipcRenderer,
    contextBridge: {
      exposeInMainWorld: (key: string, value: unknown) => {
        tell({ op: 'expose', key, value: pack(value) });
      },
    },
    webUtils: { getPathForFile: (file: File) => paths.get(`${file.name}|${file.size}`) ?? '' },
  };
  const require = (id: string): unknown => {
    if (id === 'electron') return electron;
    throw new Error(`A sandboxed preload script cannot require ${id}.`);
  };
  preload(require, { exports: {} }, {});
}
