import type { Provider } from '../../main/engine/ports.ts';
import type { StartProcess } from '../../main/pool/transport.ts';
import type { FromWorker, TaskKind } from '../../main/worker/protocol.ts';

/**
 * Real workers on the processor that pass for workers on a device which this machine does not have.
 *
 * @param failsOn from the first task of this kind on, the device is left, as workers do with one that fails
 */
export function startAs(device: Provider, start: StartProcess, failsOn?: TaskKind): StartProcess {
  return () => {
    const real = start();
    let onDevice = false;
    return {
      ...real,
      pid: real.pid,
      send: (message) => {
        if (message.type === 'configure') onDevice = message.config.provider === device;
        if (message.type === 'task' && message.task.kind === failsOn) onDevice = false;
        const isDevice = message.type === 'configure' && onDevice;
        real.send(isDevice ? { ...message, config: { ...message.config, provider: 'cpu' } } : message);
      },
      onMessage: (listener) => {
        real.onMessage((message) => {
          listener(onDevice ? renamed(message, device) : message);
        });
      },
    };
  };
}

function renamed(message: FromWorker, device: Provider): FromWorker {
  if (message.type !== 'done' || !message.result.ok || !('provider' in message.result.value)) return message;
  return { ...message, result: { ok: true, value: { ...message.result.value, provider: device } } };
}
