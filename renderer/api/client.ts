import type { Bridge } from '../../preload/contract/bridge.ts';
import type { InvokeAnswer, InvokeName, InvokePayload } from '../../preload/contract/channels.ts';
import { RefusedError, type Api, type PayloadOf } from './api.ts';

declare global {
  interface Window {
    readonly tessera: Bridge;
  }
}

/** The real thing: everything goes through the preload script's bridge, and nothing else in the renderer touches it. */
export function createClient(bridge: Bridge = window.tessera): Api {
  return {
    async ask<N extends InvokeName>(name: N, ...payload: PayloadOf<N>): Promise<InvokeAnswer<N>> {
      const envelope = await bridge.invoke(name, plain(payload[0]) as InvokePayload<N>);
      if (envelope.kind === 'refused') throw new RefusedError(envelope.error);
      return envelope.value;
    },
    listen: (name, listener) => bridge.listen(name, listener),
    pathsOf: (files) => bridge.pathsOf(files),
    thumbnailUrl: (token) => `/preview/${token}`,
    tileUrl: (token, level, column, row) => `/preview/${token}/${level}/${column}/${row}`,
  };
}

/** Reactive proxies cannot be cloned on their way out; what they hold can. */
function plain(payload: unknown): unknown {
  return payload === undefined ? undefined : (JSON.parse(JSON.stringify(payload)) as unknown);
}
