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
  '6ae6958e5ecd2f1ba2c19b0d21a1e4be978bcc8a09c58a92a093d29dbbfe2a83': {
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
  a0bdeec62cf086c0ff9993913a9c6e74cfad49198020f0d5aef68750981de35a: {
    psnrDb: {
      Set5: { fp32: 33.89, int8: 33.88 },
      Set14: { fp32: 29.97, int8: 29.97 },
      BSD100: { fp32: 28.95, int8: 28.95 },
    },
  },
  // quicksrnet-s-x4
  '33088bfa16bb2e0bec4f34035ce65757e40eaf9e4deb83a78b6842621303b234': {
    psnrDb: {
      Set5: { fp32: 30.8, int8: 30.79 },
      Set14: { fp32: 27.73, int8: 27.73 },
      BSD100: { fp32: 27.03, int8: 27.02 },
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
  '7a5cdc1ad9607ae9c42393f5c485ee0fed41d6c6bb18bea75256d8212a75aaa7': {
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
