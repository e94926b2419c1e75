import { describe, expect, it } from 'vitest';
import type { TileShape } from '../../main/engine/ports.ts';
import { Race } from '../../main/tune/race.ts';
import { reportOf } from '../../main/tune/report.ts';
import { searchSpace, type Crew, type SpaceRequest } from '../../main/tune/space.ts';
import { tuneImagined, type Imagined, type ImaginedTuning } from '../helpers/imagined-machine.ts';

const gibibyte = 1024 ** 3;

function requestOf(cores: number): SpaceRequest {
  return {
    machine: { cores, memoryBytes: 32 * gibibyte },
    memoryBytes: 'auto',
    provider: 'cpu',
    precision: 'int8',
    scale: 4,
    fieldPx: 13,
    photo: { widthPx: 1633, heightPx: 1225 },
    standardTilePx: 352,
  };
}

/** Tiles near a favourite side are fastest for each pixel; a second thread is worth less than a first. */
function surface(favouritePx: number, threadLoss: number): (tile: TileShape, crew: Crew) => number {
  return ({ widthPx, heightPx }, { threads }) => {
    const area = widthPx * heightPx;
    const off = Math.log(area / favouritePx ** 2);
    return (0.5 + area * 0.001 * (1 + 0.04 * off ** 2)) / threads ** (1 - threadLoss);
  };
}

/** Slower and faster over half a minute, and suddenly half as fast again as before. */
function drifting(stepMs: number): (nowMs: number) => number {
  return (nowMs) => (1 + 0.2 * Math.sin(nowMs / 4_000)) * (nowMs > stepMs ? 1.4 : 1);
}

async function tuneMany(count: number, imagined: (seed: number) => Imagined): Promise<ImaginedTuning[]> {
  const tunings: ImaginedTuning[] = [];
  for (let seed = 1; seed <= count; seed += 1) tunings.push(await tuneImagined(imagined(seed)));
  return tunings;
}

const share = (tunings: readonly ImaginedTuning[], test: (one: ImaginedTuning) => boolean) =>
  tunings.filter(test).length / tunings.length;

describe('tuning a machine whose speed is known', () => {
  it('finds the best setting where nothing disturbs it', async () => {
    for (const favouritePx of [150, 220, 300, 420]) {
      const { behind } = await tuneImagined({
        seed: 1,
        request: requestOf(2),
        tileMs: surface(favouritePx, 0.2),
        noise: 0,
      });
      expect(behind).toBeLessThan(1.02);
    }
  });

  it('comes within 5 % of the best on a noisy machine whose speed drifts, within its budget', async () => {
    const tunings = await tuneMany(100, (seed) => ({
      seed,
      request: requestOf([2, 4, 8][seed % 3]!),
      tileMs: surface(120 + ((seed * 37) % 400), 0.05 + (seed % 5) / 20),
      drift: drifting((seed * 7_919) % 60_000),
      noise: 0.04,
    }));
    expect(share(tunings, ({ behind }) => behind <= 1.05)).toBeGreaterThanOrEqual(0.93);
    for (const { tookMs } of tunings) expect(tookMs).toBeLessThanOrEqual(60_000);
  });

  it('believes whole batches where they contradict the tiles', async () => {
    // One worker with two threads is slower than its tiles foretell, and looks as good as two workers.
    const bias = ({ threads }: Crew) => (threads > 1 ? 1.15 : 1);
    const tunings = await tuneMany(20, (seed) => ({
      seed,
      request: requestOf(2),
      tileMs: surface(260, -0.03),
      noise: 0.01,
      bias,
    }));
    expect(share(tunings, ({ report }) => report.best.cell.threads === 1)).toBe(1);
  });

  it('foretells whole batches, though the codec waits for a processor that inference has taken', async () => {
    const { report } = await tuneImagined({ seed: 8, request: requestOf(2), tileMs: surface(260, 0.2), noise: 0 });
    const ratios = report.cells.flatMap(({ batchRatio }) => batchRatio ?? []);
    expect(ratios.length).toBeGreaterThan(1);
    for (const ratio of ratios) expect(ratio).toBeCloseTo(1, 6);
  });

  it('measures most cells once and the best often', async () => {
    const { report, measurements } = await tuneImagined({
      seed: 3,
      request: requestOf(8),
      tileMs: surface(260, 0.2),
    });
    const rounds = report.cells.map((cell) => cell.rounds);
    expect(report.best.rounds).toBeGreaterThanOrEqual(3);
    expect(report.best.batches).toBeGreaterThanOrEqual(2);
    expect(rounds.filter((count) => count <= 2).length).toBeGreaterThan(report.cells.length / 2);
    expect(measurements).toBeLessThan(report.cells.length * 3);
  });

  it('keeps to a small budget, and says that no batch was run', async () => {
    const { report, tookMs } = await tuneImagined({
      seed: 5,
      request: requestOf(2),
      tileMs: (tile, crew) => 10 * surface(260, 0.2)(tile, crew),
      budgetMs: 8_000,
    });
    expect(tookMs).toBeLessThan(16_000);
    expect(report.best.batches).toBe(0);
    expect(report.cells.filter(({ out }) => out === 'no-time').length).toBeGreaterThan(0);
  });

  it('keeps a crew in the race that leaves a core to the codec, where the codec is most of the work', async () => {
    const { report } = await tuneImagined({
      seed: 6,
      request: requestOf(2),
      tileMs: (tile, crew) => surface(260, 0.2)(tile, crew) / 8,
      noise: 0,
    });
    const alone = report.cells.filter(({ cell }) => cell.workers === 1 && cell.threads === 1);
    expect(alone.some(({ rounds }) => rounds > 0)).toBe(true);
  });

  it('keeps the default where nothing is faster', async () => {
    const tileMs = (tile: TileShape, { threads }: Crew) =>
      (tile.widthPx === 299 ? 0.9 : 1) * surface(318, 0.3)(tile, { threads, workers: 1 });
    const { report } = await tuneImagined({ seed: 2, request: requestOf(2), tileMs, noise: 0 });
    expect(report.best).toBe(report.standard);
    expect(report.gain).toBe(1);
  });

  it('leaves out tiles that would keep a person waiting who cancels', async () => {
    const { report } = await tuneImagined({
      seed: 4,
      request: requestOf(2),
      tileMs: (tile, crew) => 5 * surface(600, 0.2)(tile, crew),
      noise: 0,
    });
    const slow = report.cells.filter(({ out }) => out === 'slow-tile');
    expect(slow.map(({ cell }) => cell.tilePx)).toContain(448);
    expect(slow.every(({ pixelsPerSecond }) => pixelsPerSecond === undefined)).toBe(true);
  });
});

describe('the report', () => {
  function reportFor(otherTileMs: (evenMs: number, round: number) => number) {
    const race = new Race(
      searchSpace({ ...requestOf(2), tilesPx: [352, 256], crews: [{ workers: 2, threads: 1 }] }),
      2,
    );
    const [standard, other] = race.entrants;
    standard!.roundTileMs.push(100, 100, 100);
    // What the other's tile must take for a batch of the standard's time.
    const evenMs = (100 * race.forecastMs(standard!, 100)) / race.forecastMs(other!, 100);
    other!.roundTileMs.push(...[0, 1, 2].map((round) => otherTileMs(evenMs, round)));
    return reportOf(race, { photo: requestOf(2).photo, elapsedMs: 1 });
  }

  it('does not leave the default for what nobody would notice', () => {
    expect(reportFor((even) => even * 0.995).best.cell.tilePx).toBe(352);
    expect(reportFor((even) => even * 0.97)).toMatchObject({ best: { cell: { tilePx: 256 } } });
  });

  it('does not leave the default for a lead that noise explains, where no whole batch was run', () => {
    expect(reportFor((even, round) => even * [0.8, 1.15, 0.96][round]!).best.cell.tilePx).toBe(352);
  });

  it('says how much faster than the default the best is', () => {
    expect(reportFor((even) => even / 1.25).gain).toBeCloseTo(1.25, 3);
  });
});
