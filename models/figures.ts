import type { Precision } from './graph/build.ts';

/** PSNR in dB on the luma of a public set (BT.601, a border of `scale` pixels cut off, the set's own bicubic sources). */
export interface Figures {
  readonly psnrDb: Readonly<Record<string, Readonly<Record<Precision, number>>>>;
}

/** By the SHA-256 of the weights that were measured, so that figures vanish with them and never stand beside others. */
const measured: Readonly<Record<string, Figures>> = {
  // `evaluate.py`, whose figures `npm run bench:quality` confirms through the whole pipeline.
  // quicksrnet-s-x2
  '0b06d4024d539ce041019858a6f6d62c6571db2688b2c270364627b324edc5a9': {
    psnrDb: {
      Set5: { fp32: 37.06, int8: 37.03 },
      Set14: { fp32: 32.71, int8: 32.7 },
      BSD100: { fp32: 31.57, int8: 31.56 },
    },
  },
  // quicksrnet-m-x2
  d97246a49b4d7da80753b0da3b56681651f29fe095602e126edee2cf530f9315: {
    psnrDb: {
      Set5: { fp32: 37.29, int8: 37.25 },
      Set14: { fp32: 32.86, int8: 32.84 },
      BSD100: { fp32: 31.74, int8: 31.72 },
    },
  },
  // quicksrnet-l-x2
  b1f761fa5ef6453bf791a2c222020da20b821ba46f41fa2c3792f069cfd42028: {
    psnrDb: {
      Set5: { fp32: 37.6, int8: 37.58 },
      Set14: { fp32: 33.18, int8: 33.17 },
      BSD100: { fp32: 32.02, int8: 32.02 },
    },
  },
  // quicksrnet-s-x3
  a457733a67f257f0cadcc14498d4767c4a6aff30e4807aa30d5baf5db23ec537: {
    psnrDb: {
      Set5: { fp32: 33.09, int8: 33.08 },
      Set14: { fp32: 29.54, int8: 29.54 },
      BSD100: { fp32: 28.58, int8: 28.57 },
    },
  },
  // quicksrnet-m-x3
  '70506a5f2a31a30900c8dbf4db9338c59b95eea394a8c2ec162e2453c801f4a1': {
    psnrDb: {
      Set5: { fp32: 33.39, int8: 33.37 },
      Set14: { fp32: 29.7, int8: 29.69 },
      BSD100: { fp32: 28.71, int8: 28.7 },
    },
  },
  // quicksrnet-l-x3
  f962993aa42491077491c45a3f2471f95eadf4d6fa8e900daa074bf1fe62ff96: {
    psnrDb: {
      Set5: { fp32: 33.89, int8: 33.88 },
      Set14: { fp32: 29.97, int8: 29.96 },
      BSD100: { fp32: 28.95, int8: 28.95 },
    },
  },
  // quicksrnet-s-x4
  '1acc283c191cfd5279013c37ea25c41f7b62d08c2a2c7ea5f4faf4446c422c9d': {
    psnrDb: {
      Set5: { fp32: 30.8, int8: 30.79 },
      Set14: { fp32: 27.73, int8: 27.72 },
      BSD100: { fp32: 27.02, int8: 27.02 },
    },
  },
  // quicksrnet-m-x4
  '51a789b779a3d4749674e198a9af42c7f73b4e0fba2b85be156dff1272e76fca': {
    psnrDb: {
      Set5: { fp32: 31.13, int8: 31.12 },
      Set14: { fp32: 27.94, int8: 27.93 },
      BSD100: { fp32: 27.16, int8: 27.16 },
    },
  },
  // quicksrnet-l-x4
  '7ad4426dd135140ea9aa93388b0b733d65ac6d7c52f3d3ac3fa715cd243958be': {
    psnrDb: {
      Set5: { fp32: 31.68, int8: 31.67 },
      Set14: { fp32: 28.27, int8: 28.27 },
      BSD100: { fp32: 27.43, int8: 27.42 },
    },
  },
};

/** What was measured of weights, or undefined. */
export function figuresOf(sha256: string): Figures | undefined {
  return measured[sha256];
}
