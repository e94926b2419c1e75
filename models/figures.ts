import type { Precision } from './graph/build.ts';

/** PSNR in dB on the luma of a public set (BT.601, a border of `scale` pixels cut off, the set's own bicubic sources). */
export interface Figures {
  readonly psnrDb: Readonly<Record<string, Readonly<Record<Precision, number>>>>;
}

/** By the SHA-256 of the weights that were measured, so that figures vanish with them and never stand beside others. */
const measured: Readonly<Record<string, Figures>> = {
  // `evaluate.py`, whose figures `npm run bench:quality` confirms through the whole pipeline.
  // quicksrnet-s-x2
  '0db1b8b7cde58b61d6f319d408180cb707707310620b667276166c1d9b35cdf2': {
    psnrDb: {
      Set5: { fp32: 37.05, int8: 37.02 },
      Set14: { fp32: 32.77, int8: 32.76 },
      BSD100: { fp32: 31.57, int8: 31.55 },
    },
  },
  // quicksrnet-m-x2
  c816a68b9115afcef3f6b0c54b1c694d2843159b3e6a5be0674cdf57f9dde6af: {
    psnrDb: {
      Set5: { fp32: 37.28, int8: 37.22 },
      Set14: { fp32: 32.9, int8: 32.87 },
      BSD100: { fp32: 31.69, int8: 31.67 },
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
  a3257b7c3e8b4140a1db7b09bb10a14c3d7f055356200157efed8a8255710df9: {
    psnrDb: {
      Set5: { fp32: 33.09, int8: 33.08 },
      Set14: { fp32: 29.57, int8: 29.56 },
      BSD100: { fp32: 28.57, int8: 28.56 },
    },
  },
  // quicksrnet-m-x3
  a62dd16b9502794f53399c9441e00ec0276efe56a8699cc343ac1078408cd734: {
    psnrDb: {
      Set5: { fp32: 33.4, int8: 33.37 },
      Set14: { fp32: 29.7, int8: 29.69 },
      BSD100: { fp32: 28.69, int8: 28.67 },
    },
  },
  // quicksrnet-l-x3
  cd092e63cbd19acca32a8940667ef55c54678c6d0d4c3633508f7e2a9194d2cc: {
    psnrDb: {
      Set5: { fp32: 33.93, int8: 33.92 },
      Set14: { fp32: 30, int8: 30 },
      BSD100: { fp32: 28.96, int8: 28.95 },
    },
  },
  // quicksrnet-s-x4
  '9c6c268a9e84ff3095d3638f71354a6a7e69b712577c0c0e9d72895fa9269a6b': {
    psnrDb: {
      Set5: { fp32: 30.81, int8: 30.8 },
      Set14: { fp32: 27.75, int8: 27.74 },
      BSD100: { fp32: 27.03, int8: 27.03 },
    },
  },
  // quicksrnet-m-x4
  '53a3e4183bfa1e1894e97af08633ac4cd1c6427f221368f2e815f9aab54fe7fe': {
    psnrDb: {
      Set5: { fp32: 31.13, int8: 31.11 },
      Set14: { fp32: 27.96, int8: 27.95 },
      BSD100: { fp32: 27.16, int8: 27.15 },
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
