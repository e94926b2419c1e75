import { describe, expect, it } from 'vitest';
import { defaultTileFor } from '../../main/jobs/tile.ts';
import { subjectsOf, tunedModel } from '../../main/tune/subject.ts';
import { requireModel } from '../../models/catalog.ts';
import { importedModel } from '../helpers/imported-model.ts';

const own = requireModel('quicksrnet-l-x4');
const imported = importedModel('compact');

describe('what is tuned', () => {
  it('is every precision on the processor, and fp32 on a device, each once', () => {
    expect(subjectsOf(own, ['cpu', 'webgpu'], ['int8', 'fp32'])).toEqual([
      { provider: 'cpu', precision: 'int8' },
      { provider: 'cpu', precision: 'fp32' },
      { provider: 'webgpu', precision: 'fp32' },
    ]);
  });

  it('is fp32 of an imported model, whatever was asked for', () => {
    expect(subjectsOf(imported, ['cpu'], ['int8'])).toEqual([{ provider: 'cpu', precision: 'fp32' }]);
    expect(subjectsOf(imported, ['cpu'], ['int8', 'fp32'])).toEqual([{ provider: 'cpu', precision: 'fp32' }]);
  });

  it('is measured on smaller photos where the model is more work, and from the tile that is its default', () => {
    expect(tunedModel(own)).toMatchObject({ fieldPx: own.haloPx, standardTilePx: 448, sampleMegapixels: 2 });
    const { standardTilePx, sampleMegapixels } = tunedModel(imported);
    expect(standardTilePx).toBe(defaultTileFor(34));
    expect(sampleMegapixels).toBeLessThan(1);
    expect(tunedModel({ ...imported, parameters: 1e9 }).sampleMegapixels).toBe(0.5);
  });
});
