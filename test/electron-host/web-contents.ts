import { EventEmitter } from 'node:events';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { record } from './runtime.ts';

type Invoker = (event: unknown, ...values: unknown[]) => unknown;

const invokers = new Map<string, Invoker>();

/** Electron's ipcMain, as far as invokes go. */
export const ipcMain = {
  handle(channel: string, invoker: Invoker): void {
    if (invokers.has(channel)) throw new Error(`There is a handler for ${channel} already.`);
    invokers.set(channel, invoker);
  },
  removeHandler(channel: string): void {
    invokers.delete(channel);
  },
};

let ids = 0;

/** The contents of one window: a page of the browser. */
export class WebContents extends EventEmitter {
  readonly id = ++ids;
  readonly mainFrame = { url: '', parent: null };
  page: Page | undefined;
  cdp: CDPSession | undefined;
  frameId = '';
  #contextId: number | undefined;
  #waiting: string[] = [];
  #destroyed = false;
  _openHandler: ((details: { url: string }) => { action: string }) | undefined;

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this._openHandler = handler;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  send(channel: string, value: unknown): void {
    this.#deliver({ kind: 'event', channel, value });
  }

  /** A document's isolated world came to be, or went. */
  _setContext(id: number | undefined): void {
    this.#contextId = id;
    if (id === undefined) return;
    for (const text of this.#waiting.splice(0)) this.#evaluate(text);
  }

  _contextId(): number | undefined {
    return this.#contextId;
  }

  _destroy(): void {
    this.#destroyed = true;
    this.emit('destroyed');
  }

  /** Answers what the preload script asked. */
  async _answer(payload: string): Promise<void> {
    const { id, channel, values } = JSON.parse(payload) as { id: number; channel: string; values: unknown[] };
    const invoker = invokers.get(channel);
    const event = { sender: this, senderFrame: this.mainFrame };
    try {
      if (invoker === undefined) throw new Error(`No handler registered for '${channel}'`);
      this.#deliver({ kind: 'reply', id, value: await invoker(event, ...values) });
    } catch (error) {
      this.#deliver({ kind: 'reply', id, error: `Error invoking remote method '${channel}': ${String(error)}` });
    }
  }

  /** For tests: drops real files on a point of the page. */
  async _drop(x: number, y: number, files: readonly string[]): Promise<void> {
    const known = files.map((file) => {
      const stats = statSync(file);
      return [`${basename(file)}|${stats.isDirectory() ? 4096 : stats.size}`, file];
    });
    this.#deliver({ kind: 'paths', known });
    const data = { items: [], files: [...files], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await this.cdp?.send('Input.dispatchDragEvent', { type, x, y, data });
    }
  }

  #deliver(message: object): void {
    const text = JSON.stringify(message);
    if (this.#contextId === undefined) this.#waiting.push(text);
    else this.#evaluate(text);
  }

  #evaluate(text: string): void {
    const expression = `__electronDeliver(${JSON.stringify(text)})`;
    this.cdp?.send('Runtime.evaluate', { contextId: this.#contextId!, expression }).catch((error: unknown) => {
      record('deliver.failed', String(error));
    });
  }
}
