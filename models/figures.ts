import type { Precision } from './graph/build.ts';

/** PSNR in dB on the luma of a public set (BT.601, a border of `scale` pixels cut off, the set's own bicubic sources). */
export interface Figures {
  readonly psnrDb: Readonly<Record<string, Readonly<Record<Precision, number>>>>;
}

/** By the SHA-256 of the weights that were measured, so that figures vanish with them and never stand beside others. */
const measured: Readonly<Record<string, Figures>> = {
  // `evaluate.py`, whose figures `npm run bench:quality` confirms through the whole pipeline.
  // quicksrnet-s-x2
  '8744809e305f34c12e01ddb73bf70b44a7f8c6936a0fa58ce0364d91f2974d6f': {
    psnrDb: {
      Set5: { fp32: 36.74, int8: 36.72 },
      Set14: { fp32: 32.48, int8: 32.48 },
      BSD100: { fp32: 31.43, int8: 31.41 },
    },
  },
  // quicksrnet-m-x2
  '1a16f99c59f0b3508942fe0020b89c284fb08520cfe0ead97b1b530a9608802a': {
    psnrDb: {
      Set5: { fp32: 36.85, int8: 36.74 },
      Set14: { fp32: 32.61, int8: 32.58 },
      BSD100: { fp32: 31.58, int8: 31.55 },
    },
  },
  // quicksrnet-l-x2
  '108837ef625493e11e47d51cc9763356b169068e1872d23f456cdba0cb87fd7c': {
    psnrDb: {
      Set5: { fp32: 37.44, int8: 37.43 },
      Set14: { fp32: 33.09, int8: 33.09 },
      BSD100: { fp32: 31.94, int8: 31.95 },
    },
  },
  // quicksrnet-s-x4
  '80f6d55e08b57f3ef5259c34c5faf08e38f0da1f93d30c4ab186701fad95aef6': {
    psnrDb: {
      Set5: { fp32: 30.25, int8: 30.31 },
      Set14: { fp32: 27.37, int8: 27.41 },
      BSD100: { fp32: 26.82, int8: 26.85 },
    },
  },
  // quicksrnet-m-x4
  '26f38accf831fe6f1c7cac400c0bb0c52a2411ce4357d49dd5cade90b4a43bd4': {
    psnrDb: {
      Set5: { fp32: 30.73, int8: 30.66 },
      Set14: { fp32: 27.71, int8: 27.68 },
      BSD100: { fp32: 27.06, int8: 27.03 },
    },
  },
  // quicksrnet-l-x4
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
