import type { Precision } from './graph/build.ts';

/** PSNR in dB on the luma of a public set (BT.601, a border of `scale` pixels cut off, the set's own bicubic sources). */
export interface Figures {
  readonly psnrDb: Readonly<Record<string, Readonly<Record<Precision, number>>>>;
}

/** By the SHA-256 of the weights that were measured, so that figures vanish with them and never stand beside others. */
const measured: Readonly<Record<string, Figures>> = {
  // `npm run bench:quality`, through the whole pipeline and its reflected border.
  '012f1a51a391eed670174cc516b6dc47ba0a89c1e2f257cd49558af9d33fae11': {
    psnrDb: {
      Set5: { fp32: 31.43, int8: 31.45 },
      Set14: { fp32: 28.12, int8: 28.13 },
      BSD100: { fp32: 27.35, int8: 27.36 },
    },
  },
};

/** What was measured of weights, or undefined. */
export function figuresOf(sha256: string): Figures | undefined {
  return measured[sha256];
}
