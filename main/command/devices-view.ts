/** What came of trying devices, as lines of text. Pure. */
import { assertNever } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import type { DeviceRecord, DeviceVerdict } from '../settings/device-record.ts';
import type { Look, Tone } from './frame.ts';

const titles: Readonly<Record<Provider, string>> = {
  cpu: 'processor',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  coreml: 'CoreML',
  cuda: 'CUDA',
};

const tones: Readonly<Record<DeviceVerdict['state'], Tone>> = { right: 'good', wrong: 'bad', failed: 'warn' };

/** A device a line; the one that "auto" takes is marked. */
export function deviceLines({ devices, fastest }: DeviceRecord, { paint }: Pick<Look, 'paint'>): readonly string[] {
  const line = (mark: string, name: string, rate: string, verdict: string): string =>
    `${mark.padEnd(2)}${name.padEnd(20)}${rate.padStart(8)}  ${verdict}`;
  const rows = devices.map((device) => {
    const rate = device.state === 'right' ? device.megapixelsPerSecond.toFixed(1) : '-';
    const name = `${device.provider} (${titles[device.provider]})`;
    const isTaken = device.provider === fastest;
    const row = line(isTaken ? '*' : '', name, rate, paint(tones[device.state], verdictOf(device)));
    return isTaken ? paint('strong', row) : row;
  });
  return [paint('quiet', line('', 'device', 'MP/s', 'verdict')), ...rows];
}

/** What was found about a device, in plain words. */
export function verdictOf(device: DeviceVerdict): string {
  switch (device.state) {
    case 'right': {
      if (device.provider === 'cpu') return 'right: the others are held against it';
      const { maximumSteps, meanSteps } = device.difference;
      return `right: differs by ${steps(maximumSteps)} at most, ${steps(meanSteps)} on average`;
    }
    case 'wrong': {
      const { maximumSteps, meanSteps } = device.difference;
      return `computes wrong: differs by ${steps(maximumSteps)} at most, ${steps(meanSteps)} on average`;
    }
    case 'failed':
      return `failed: ${device.reason.message}`;
    default:
      return assertNever(device);
  }
}

/** The runtime's own words on what failed, a paragraph a device; nothing where it said nothing. */
export function detailLines({ devices }: DeviceRecord): readonly string[] {
  return devices.flatMap((device) => {
    if (device.state !== 'failed') return [];
    const { code, details } = device.reason;
    const words = Object.entries(details).map(([name, value]) => `${name}: ${String(value).trim()}`);
    return ['', `${device.provider} (${code})`, ...words.map((text) => `  ${text}`)];
  });
}

/** Which device is taken from now on, in a sentence. */
export function choiceLine({ fastest, network, precision }: DeviceRecord): string {
  const name = fastest === 'cpu' ? 'the processor' : titles[fastest];
  return `* "auto" takes ${name} for ${network} in ${precision} from now on; --device chooses another.`;
}

function steps(value: number): string {
  return `${Number.isInteger(value) ? value : value.toFixed(2)}/255`;
}
