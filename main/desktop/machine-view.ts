/** What was found about this computer, as the window shows it. Pure. */
import type {
  HeatCell,
  HeatMap,
  KnownDevices,
  KnownTuning,
  TunableSetting,
  DeviceVerdict as ShownVerdict,
} from '../../preload/contract/machine.ts';
import { assertNever } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import { chooseDevice, type DeviceLookup, type DeviceVerdict } from '../settings/device-record.ts';
import type { TuningLookup } from '../settings/tuning.ts';
import { isSure, type CellReport, type TuneReport } from '../tune/report.ts';
import type { Cell } from '../tune/space.ts';
import { toContractError } from './job-view.ts';

/** A finished tuning. */
export function heatOf(report: TuneReport, model: string): HeatMap {
  const { cells, best, standard, gain, elapsedMs } = report;
  return {
    model,
    device: best.cell.provider,
    precision: best.cell.precision,
    cells: cells.map(cellOf),
    verdict: {
      best: settingOf(best.cell),
      standard: settingOf(standard.cell),
      gain,
      elapsedMs,
      sure: isSure(report),
    },
  };
}

function cellOf({ cell, pixelsPerSecond }: CellReport): HeatCell {
  return {
    ...settingOf(cell),
    megapixelsPerSecond: pixelsPerSecond === undefined ? null : pixelsPerSecond / 1e6,
  };
}

/** Cells with one measured anew. */
export function withMeasured(cells: readonly HeatCell[], cell: Cell, pixelsPerSecond: number): readonly HeatCell[] {
  const setting = settingOf(cell);
  const others = cells.filter((one) => !isSame(one, setting));
  return [...others, { ...setting, megapixelsPerSecond: pixelsPerSecond / 1e6 }];
}

function isSame(one: TunableSetting, other: TunableSetting): boolean {
  return one.tilePx === other.tilePx && one.workers === other.workers && one.threads === other.threads;
}

function settingOf({ tilePx, workers, threads }: TunableSetting): TunableSetting {
  return { tilePx, workers, threads };
}

export function knownTuning(found: TuningLookup, model: string): KnownTuning {
  switch (found.kind) {
    case 'none':
      return { kind: 'none', model };
    case 'tuned': {
      const { gain, tunedAt } = found.tuning;
      return { kind: 'tuned', model, ...settingOf(found.tuning), gain, tunedAt };
    }
    case 'stale':
      return { kind: 'stale', model, changes: found.changes, tunedAt: found.tuning.tunedAt };
    default:
      return assertNever(found);
  }
}

/** @param offered what the runtime brings on this system */
export function knownDevices(found: DeviceLookup, offered: readonly Provider[]): KnownDevices {
  const verdicts = found.kind === 'none' ? [] : found.record.devices;
  const tried = verdicts.map(({ provider }) => provider);
  const all = [...new Set<Provider>(['cpu', ...offered, ...tried])];
  return {
    list: all.map((device) => {
      const verdict = verdicts.find(({ provider }) => provider === device);
      return { device, verdict: verdict === undefined ? { kind: 'untried' } : shownVerdict(verdict) };
    }),
    automatic: chooseDevice('auto', found),
    checkedAt: found.kind === 'none' ? null : found.record.probedAt,
    changes: found.kind === 'stale' ? found.changes : [],
  };
}

function shownVerdict(verdict: DeviceVerdict): ShownVerdict {
  switch (verdict.state) {
    case 'right': {
      const { megapixelsPerSecond, difference } = verdict;
      return { kind: 'right', megapixelsPerSecond, maximumSteps: difference.maximumSteps };
    }
    case 'wrong':
      return { kind: 'wrong', maximumSteps: verdict.difference.maximumSteps };
    case 'failed':
      return { kind: 'failed', error: toContractError(verdict.reason) };
    default:
      return assertNever(verdict);
  }
}
