/** A machine that is only thought of: its true speed is known, and its measurements are noisy and drift. */
import { success } from '../../main/engine/errors.ts';
import type { TileShape } from '../../main/engine/ports.ts';
import { forecastBatchMs } from '../../main/tune/estimate.ts';
import { TuneClock } from '../../main/tune/events.ts';
import type { Instruments } from '../../main/tune/instruments.ts';
import { Race, TUNED_BATCH } from '../../main/tune/race.ts';
import { reportOf, type TuneReport } from '../../main/tune/report.ts';
import { cellKey, searchSpace, type Candidate, type Crew, type SpaceRequest } from '../../main/tune/space.ts';
import { runStages } from '../../main/tune/stages.ts';

export interface Imagined {
  readonly seed: number;
  readonly request: SpaceRequest;
  /** A tile's true milliseconds for a shape and a crew. */
  readonly tileMs: (tile: TileShape, crew: Crew) => number;
  /** What the machine's speed is multiplied with, over time. */
  readonly drift?: (nowMs: number) => number;
  /** Standard deviation of a measurement, as a share. */
  readonly noise?: number;
  readonly budgetMs?: number;
  /** How a real batch's time differs from what tiles foretell. */
  readonly bias?: (crew: Crew) => number;
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const costs = { copyMs: 60, codecMs: 250 };

/** What tuning such a machine comes to. */
export interface ImaginedTuning {
  readonly report: TuneReport;
  /** By the machine's own clock. */
  readonly tookMs: number;
  /** The tuned cell's true time ÷ that of the truly best. */
  readonly behind: number;
  readonly measurements: number;
}

/** Tunes a machine that is only thought of, by the very stages that tune a real one. */
export async function tuneImagined(imagined: Imagined): Promise<ImaginedTuning> {
  const { request, budgetMs = 60_000, noise = 0.03 } = imagined;
  const machine = new Clockwork(imagined, noise);
  const candidates = searchSpace(request);
  const race = new Race(candidates, request.machine.cores);
  const clock = new TuneClock(
    budgetMs,
    () => undefined,
    () => machine.nowMs,
  );
  const ran = await runStages({
    instruments: machine.instruments(candidates),
    modelId: 'x',
    race,
    clock,
    photos: ['a', 'b'],
  });
  if (!ran.ok) throw new Error(ran.error.message);
  const report = reportOf(race, { photo: request.photo, elapsedMs: machine.nowMs });
  const times = new Map(candidates.map((one) => [cellKey(one.cell), machine.trueBatchMs(one, TUNED_BATCH)]));
  const behind = times.get(cellKey(report.best.cell))! / Math.min(...times.values());
  return { report, tookMs: machine.nowMs, behind, measurements: machine.measurements };
}

class Clockwork {
  nowMs = 0;
  measurements = 0;
  readonly #imagined: Imagined;
  readonly #random: () => number;
  readonly #noise: number;

  constructor(imagined: Imagined, noise: number) {
    this.#imagined = imagined;
    this.#random = randomOf(imagined.seed);
    this.#noise = noise;
  }

  trueBatchMs({ plan, cell }: Candidate, photos: number): number {
    const { request, tileMs, bias = () => 1 } = this.#imagined;
    const { cores } = request.machine;
    const ms = forecastBatchMs({ plan, crew: cell, cores, tileMs: tileMs(plan.tile, cell), costs, photos });
    return ms * bias(cell);
  }

  instruments(candidates: readonly Candidate[]): Instruments {
    const { tileMs } = this.#imagined;
    const dispose = () => Promise.resolve();
    return {
      mostWorkers: 16,
      openRaw: (crew) => {
        this.nowMs += 500;
        const run = (tile: TileShape, durationMs: number) => {
          const ms = this.#measured(tileMs(tile, crew));
          this.nowMs += Math.max(durationMs, ms) + 5;
          return Promise.resolve(success({ tile, provider: 'cpu' as const, tileMs: ms, pixelsPerSecond: 1 }));
        };
        return Promise.resolve(success({ run, [Symbol.asyncDispose]: dispose }));
      },
      openBatches: (crew) => {
        this.nowMs += 800;
        return Promise.resolve(
          success({
            run: ({ tilePx }: { tilePx: number }, photos: readonly string[]) => {
              const { plan, cell } = candidates.find((one) => one.cell.tilePx === tilePx)!;
              const candidate = { plan, cell: { ...cell, ...crew } };
              const elapsedMs = this.#measured(this.trueBatchMs(candidate, photos.length));
              this.nowMs += elapsedMs;
              const runMs = elapsedMs - costs.copyMs;
              // No more than the machine has: beside inference on all cores, the codec's share cannot be told.
              const { cores } = this.#imagined.request.machine;
              const cpuMs = Math.min(cores * elapsedMs, crew.workers * elapsedMs + costs.codecMs * photos.length);
              const none = { codecMs: 0, growthBytes: undefined, reports: [], outcomes: [], keptPixels: 1 };
              return Promise.resolve(success({ ...none, elapsedMs, runMs, inferMs: elapsedMs, cpuMs }));
            },
            [Symbol.asyncDispose]: dispose,
          }),
        );
      },
    };
  }

  /** Noise of a normal distribution (the sum of twelve), and now and then something that gets in the way. */
  #measured(trueMs: number): number {
    const { drift = () => 1 } = this.#imagined;
    this.measurements += 1;
    const normal = Array.from({ length: 12 }, this.#random).reduce((sum, one) => sum + one, -6);
    const disturbed = this.#noise > 0 && this.#random() < 0.03 ? 1.5 : 1;
    return trueMs * drift(this.nowMs) * Math.exp(this.#noise * normal) * disturbed;
  }
}
