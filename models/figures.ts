import type { Precision } from './graph/build.ts';

/** PSNR in dB on the luma of a public set (BT.601, a border of `scale` pixels cut off, the set's own bicubic sources). */
export interface Figures {
  readonly psnrDb: Readonly<Record<string, Readonly<Record<Precision, number>>>>;
}

/** By the SHA-256 of the weights that were measured, so that figures vanish with them and never stand beside others. */
const measured: Readonly<Record<string, Figures>> = {
  // `evaluate.py`, whose figures `npm run bench:quality` confirms through the whole pipeline.
  // quicksrnet-s-x2
  '35c1c83350973f8c83631ba06fc24ab438ff54ce82b39f6e37abf7ecff8131f3': {
    psnrDb: {
      Set5: { fp32: 36.91, int8: 36.88 },
      Set14: { fp32: 32.65, int8: 32.64 },
      BSD100: { fp32: 31.54, int8: 31.53 },
    },
  },
  // quicksrnet-m-x2
  '94797413d5bbab27ab2094ff517e2de9fecacb0949e9ff3757de8133f21be815': {
    psnrDb: {
      Set5: { fp32: 37.1, int8: 37.03 },
      Set14: { fp32: 32.77, int8: 32.74 },
      BSD100: { fp32: 31.67, int8: 31.64 },
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
  // quicksrnet-s-x3
  f2accdfd512960ce2ed464e150475395625a9f77db3eb8305fe82afbf918b06a: {
    psnrDb: {
      Set5: { fp32: 32.95, int8: 32.93 },
      Set14: { fp32: 29.49, int8: 29.48 },
      BSD100: { fp32: 28.56, int8: 28.55 },
    },
  },
  // quicksrnet-m-x3
  aa4391008cdcd00160e0bcaf6d180c4f9b7a4d978cf311883aec66ea0d81df16: {
    psnrDb: {
      Set5: { fp32: 33.18, int8: 33.16 },
      Set14: { fp32: 29.61, int8: 29.59 },
      BSD100: { fp32: 28.66, int8: 28.65 },
    },
  },
  // quicksrnet-l-x3
  '81c28e9c066cc109fa002651747c32e4255a1e47c23f976383999beddc4dc554': {
    psnrDb: {
      Set5: { fp32: 33.7, int8: 33.69 },
      Set14: { fp32: 29.84, int8: 29.84 },
      BSD100: { fp32: 28.91, int8: 28.91 },
    },
  },
  // quicksrnet-s-x4
  '8c6840c6bbea05e60893dfe6d9c3b1d1ee7b1aa8a5086e77b52a71a4d7be4d28': {
    psnrDb: {
      Set5: { fp32: 30.68, int8: 30.67 },
      Set14: { fp32: 27.69, int8: 27.69 },
      BSD100: { fp32: 27.02, int8: 27.02 },
    },
  },
  // quicksrnet-m-x4
  '7e8cf4a92d39623e0140730d0f43c040d4838313d612998739156961bd07b0f2': {
    psnrDb: {
      Set5: { fp32: 30.99, int8: 30.97 },
      Set14: { fp32: 27.88, int8: 27.87 },
      BSD100: { fp32: 27.15, int8: 27.14 },
    },
  },
  // quicksrnet-l-x4
  '99443dac64d32173fd92ed42bc106b937e86518b66ce223114344e9dd61dc9e7': {
    psnrDb: {
      Set5: { fp32: 31.52, int8: 31.51 },
      Set14: { fp32: 28.15, int8: 28.15 },
      BSD100: { fp32: 27.38, int8: 27.38 },
    },
  },
};

/** What was measured of weights, or undefined. */
export function figuresOf(sha256: string): Figures | undefined {
  return measured[sha256];
}
