import type { Precision } from './graph/build.ts';

/** PSNR in dB on the luma of a public set (BT.601, a border of `scale` pixels cut off, the set's own bicubic sources). */
export interface Figures {
  readonly psnrDb: Readonly<Record<string, Readonly<Record<Precision, number>>>>;
}

/** By the SHA-256 of the weights that were measured, so that figures vanish with them and never stand beside others. */
const measured: Readonly<Record<string, Figures>> = {
  // `evaluate.py`, whose figures `npm run bench:quality` confirms through the whole pipeline.
  // quicksrnet-s-x2
  d2bc4f04e64730b9bf4a5b097152911eaaf03d4b32ece066566e659948792f3b: {
    psnrDb: {
      Set5: { fp32: 37.05, int8: 37.02 },
      Set14: { fp32: 32.77, int8: 32.76 },
      BSD100: { fp32: 31.57, int8: 31.55 },
    },
  },
  // quicksrnet-m-x2
  '2110d4ad2ad1d6ca635cc00a06723d7a22f649df37510a8a02e65cbd00224fc9': {
    psnrDb: {
      Set5: { fp32: 37.29, int8: 37.26 },
      Set14: { fp32: 32.91, int8: 32.9 },
      BSD100: { fp32: 31.69, int8: 31.68 },
    },
  },
  // quicksrnet-l-x2
  '7dc9b097b58e46091e01e66b38e2f759b37ea989cd87f5ecc851682f8e1ce89c': {
    psnrDb: {
      Set5: { fp32: 37.63, int8: 37.62 },
      Set14: { fp32: 33.24, int8: 33.23 },
      BSD100: { fp32: 32.02, int8: 32.02 },
    },
  },
  // quicksrnet-s-x3
  '4e8d12f9ff600ac5a23350b35735d061ed37506e1599684d7bc703c2954336d8': {
    psnrDb: {
      Set5: { fp32: 33.09, int8: 33.08 },
      Set14: { fp32: 29.57, int8: 29.56 },
      BSD100: { fp32: 28.57, int8: 28.56 },
    },
  },
  // quicksrnet-m-x3
  b9b152668f865c652dc23377839529cf0f030cee4705eee2ffb838c485657550: {
    psnrDb: {
      Set5: { fp32: 33.4, int8: 33.39 },
      Set14: { fp32: 29.7, int8: 29.7 },
      BSD100: { fp32: 28.69, int8: 28.68 },
    },
  },
  // quicksrnet-l-x3
  '195b5bb7b44e4d8655801b41b59b8321aa4d98e2d7ef2132fec7654b18dae362': {
    psnrDb: {
      Set5: { fp32: 33.94, int8: 33.94 },
      Set14: { fp32: 30, int8: 30 },
      BSD100: { fp32: 28.95, int8: 28.95 },
    },
  },
  // quicksrnet-s-x4
  '5a65aa1ef2e3553803612aa1889891923dcafc286f9961ed7ed5f046d6df73d7': {
    psnrDb: {
      Set5: { fp32: 30.81, int8: 30.8 },
      Set14: { fp32: 27.75, int8: 27.74 },
      BSD100: { fp32: 27.03, int8: 27.03 },
    },
  },
  // quicksrnet-m-x4
  aa226f46c51c911e2c814a80eb90dd2684c1637387665d20c2ac04987cb7b5d7: {
    psnrDb: {
      Set5: { fp32: 31.14, int8: 31.13 },
      Set14: { fp32: 27.96, int8: 27.96 },
      BSD100: { fp32: 27.16, int8: 27.16 },
    },
  },
  // quicksrnet-l-x4
  '1999477c61e16a70a9feb49a6c0b5202360ed3f47595ee3169d3b0008ab685f6': {
    psnrDb: {
      Set5: { fp32: 31.82, int8: 31.82 },
      Set14: { fp32: 28.38, int8: 28.37 },
      BSD100: { fp32: 27.45, int8: 27.45 },
    },
  },
};

/** What was measured of weights, or undefined. */
export function figuresOf(sha256: string): Figures | undefined {
  return measured[sha256];
}
