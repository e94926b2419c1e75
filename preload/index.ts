import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';
import type { Bridge } from './contract/bridge.ts';
import {
  eventNames,
  invokeNames,
  type EventName,
  type EventPayload,
  type InvokeAnswer,
  type InvokeName,
  type InvokePayload,
} from './contract/channels.ts';
import { refusals, type Envelope } from './contract/errors.ts';

const mayInvoke: ReadonlySet<string> = new Set(invokeNames);
const mayHear: ReadonlySet<string> = new Set(eventNames);

async function invoke<N extends InvokeName>(name: N, payload: InvokePayload<N>): Promise<Envelope<InvokeAnswer<N>>> {
  if (!mayInvoke.has(name)) {
    return { kind: 'refused', error: { code: refusals.payload, message: 'The window asked for something unknown.' } };
  }
  return (await ipcRenderer.invoke(name, payload)) as Envelope<InvokeAnswer<N>>;
}

function listen<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
  if (!mayHear.has(name)) throw new Error('No such event.');
  // The event object holds the sender, and with it the whole of ipcRenderer: it stays on this side.
  const relay = (_event: IpcRendererEvent, payload: EventPayload<N>): void => {
    listener(payload);
  };
  ipcRenderer.on(name, relay);
  return () => {
    ipcRenderer.off(name, relay);
  };
}

const bridge: Bridge = Object.freeze({
  invoke,
  listen,
  pathsOf: (files: readonly File[]) => files.map((file) => webUtils.getPathForFile(file)),
});

contextBridge.exposeInMainWorld('tessera', bridge);
