import { describe, expect, it } from 'vitest';
import { noiseOf, orderOf, scoresOf, survivors } from '../../main/tune/halving.ts';
import { randomOf } from '../helpers/imagined-machine.ts';

const noOne = { keep: [], least: 1 };

describe('comparing cells in rounds', () => {
  it('sees no difference in what slows a whole round', () => {
    const samples = new Map([
      ['fast', [100, 200, 50]],
      ['slow', [110, 220, 55]],
    ]);
    const scores = scoresOf(samples, ['fast', 'slow']);
    expect(scores.get('slow')! - scores.get('fast')!).toBeCloseTo(Math.log(1.1), 6);
  });

  it('is not misled by one round that something disturbed', () => {
    const samples = new Map([
      ['fast', [100, 300, 100]],
      ['middle', [105, 105, 105]],
      ['slow', [120, 120, 120]],
    ]);
    const scores = scoresOf(samples, ['fast', 'middle', 'slow']);
    expect(scores.get('fast')!).toBeLessThan(scores.get('middle')!);
  });

  it('compares a cell that dropped out early with the others in its own rounds', () => {
    // The machine became twice as fast after the first round; the dropped cell was 1.5 times slower in it.
    const samples = new Map([
      ['a', [200, 100, 100]],
      ['b', [210, 105, 105]],
      ['dropped', [300]],
    ]);
    const scores = scoresOf(samples, ['a', 'b']);
    expect(scores.get('dropped')! - scores.get('a')!).toBeCloseTo(Math.log(1.5), 1);
  });

  it('ranks by rounds where single measurements, one after the other, would be fooled by drift', () => {
    let fooled = 0;
    let right = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = randomOf(seed);
      const slope = 1 + random();
      const keys = Array.from({ length: 8 }, (_, index) => `${index}`);
      const truth = new Map(keys.map((key) => [key, 100 * (1 + 0.06 * Number(key))]));
      const samples = new Map(keys.map((key): [string, number[]] => [key, []]));
      let now = 0;
      for (let round = 0; round < 4; round += 1) {
        for (const key of orderOf([...keys].reverse(), round)) {
          now += 1;
          samples.get(key)!.push(truth.get(key)! * slope ** (now / 8) * (1 + 0.02 * (random() - 0.5)));
        }
      }
      const scores = scoresOf(samples, keys);
      const best = (value: (key: string) => number) =>
        keys.reduce((one, other) => (value(other) < value(one) ? other : one));
      if (best((key) => scores.get(key)!) === '0') right += 1;
      if (best((key) => samples.get(key)![0]!) !== '0') fooled += 1;
    }
    expect(right).toBeGreaterThanOrEqual(98);
    expect(fooled).toBeGreaterThan(50);
  });
});

describe('successive halving', () => {
  const keys = Array.from({ length: 16 }, (_, index) => `${index}`);
  const times = (round: (index: number) => number[]) => new Map(keys.map((key, index) => [key, round(index)]));

  it('keeps the better half of cells that are clearly apart', () => {
    const samples = times((index) => [100 + 11 * index, 100 + 11 * index, 100 + 11 * index]);
    expect(survivors(samples, keys, noOne)).toEqual(keys.slice(0, 5));
    // Of those that are less than half as slow again, the better half of all.
    const closer = times((index) => [100 + 2 * index, 100 + 2 * index, 100 + 2 * index]);
    expect(survivors(closer, keys, noOne)).toEqual(keys.slice(0, 8));
  });

  it('keeps more where noise hides which half is better, but always drops a quarter', () => {
    const samples = times((index) => [100 + (index % 4) * 5, 110 - (index % 4) * 5, 100 + (index % 3) * 5]);
    const kept = survivors(samples, keys, noOne);
    expect(kept.length).toBeGreaterThan(8);
    expect(kept.length).toBeLessThanOrEqual(12);
  });

  it('ends, whatever the noise, and keeps what it is told to', () => {
    const random = randomOf(7);
    let alive: readonly string[] = keys;
    const samples = new Map(keys.map((key): [string, number[]] => [key, []]));
    for (let round = 0; round < 12; round += 1) {
      for (const key of alive) samples.get(key)!.push(100 * (1 + random()) * (key === '3' ? 10 : 1));
      alive = survivors(samples, alive, { keep: ['3'], least: 4 });
    }
    expect(alive).toContain('3');
    expect(alive.length).toBeLessThanOrEqual(5);
  });

  it('learns the noise from how cells stray between rounds', () => {
    const quiet = times((index) => [100 + index, 101 + index, 100 + index]);
    const loud = times((index) => [100 + index * 3, 130 - index * 2, 115 + ((index * 7) % 16)]);
    expect(noiseOf(quiet, keys)).toBeLessThan(0.01);
    expect(noiseOf(loud, keys)).toBeGreaterThan(0.03);
  });

  it('goes there and back, so that a steady drift favours nobody', () => {
    expect(orderOf(['a', 'b', 'c'], 0)).toEqual(['a', 'b', 'c']);
    expect(orderOf(['a', 'b', 'c'], 1)).toEqual(['c', 'b', 'a']);
  });
});
