import type { InvokeAnswer, InvokeName, InvokePayload } from '../../preload/contract/channels.ts';
import { invokeNames } from '../../preload/contract/channels.ts';
import { refusals, type Envelope } from '../../preload/contract/errors.ts';
import { payloadSchemas } from '../../preload/contract/schemas.ts';

/** One function a channel; it parses nothing and may trust its payload. */
export type InvokeHandlers = {
  readonly [N in InvokeName]: (payload: InvokePayload<N>) => InvokeAnswer<N> | Promise<InvokeAnswer<N>>;
};

/** Answers one invoke; never throws. */
export type Dispatch = (name: string, payloads: readonly unknown[], trusted: boolean) => Promise<Envelope<unknown>>;

const known: ReadonlySet<string> = new Set(invokeNames);

/**
 * Checks sender and payload, then calls the handler.
 *
 * @param onBug told of what a handler threw, which the window only hears of as `handler-failed`
 */
export function createDispatch(handlers: InvokeHandlers, onBug: (name: string, error: unknown) => void): Dispatch {
  return async (name, payloads, trusted) => {
    if (!trusted) return refuse(refusals.sender, 'Only Tessera’s own window is answered.');
    if (!isInvoke(name)) return refuse(refusals.payload, 'There is nothing of that name to ask for.');
    const parsed = payloadSchemas[name].safeParse(payloads[0]);
    if (!parsed.success || payloads.length > 1) {
      return refuse(refusals.payload, `The window asked for ${name} in a way that is not understood.`);
    }
    // The schema of a channel is typed by that channel's payload.
    const handler = handlers[name] as (payload: unknown) => unknown;
    try {
      return { kind: 'value', value: await handler(parsed.data) };
    } catch (error) {
      onBug(name, error);
      return refuse(refusals.handler, 'Something went wrong inside Tessera. Trying again may help.');
    }
  };
}

function isInvoke(name: string): name is InvokeName {
  return known.has(name);
}

function refuse(code: string, message: string): Envelope<never> {
  return { kind: 'refused', error: { code, message } };
}
