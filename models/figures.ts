import type { Precision } from './graph/build.ts';

/** PSNR in dB on the luma of a public set (BT.601, a border of `scale` pixels cut off, the set's own bicubic sources). */
export interface Figures {
  readonly psnrDb: Readonly<Record<string, Readonly<Record<Precision, number>>>>;
}

/** By the SHA-256 of the weights that were measured, so that figures vanish with them and never stand beside others. */
const measured: Readonly<Record<string, Figures>> = {
  // `evaluate.py`, whose figures `npm run bench:quality` confirms through the whole pipeline.
  // quicksrnet-s-x2
  '0cebd1029600fcb826989bec88ceb0cd6b8ed720340b6b0e2799239e9c108ac0': {
    psnrDb: {
      Set5: { fp32: 37.05, int8: 37.02 },
      Set14: { fp32: 32.72, int8: 32.71 },
      BSD100: { fp32: 31.57, int8: 31.56 },
    },
  },
  // quicksrnet-m-x2
  '5da6cd472f63ead13deeb49493e6d626d004211f39694c6351c1ac9d5f29a66f': {
    psnrDb: {
      Set5: { fp32: 37.3, int8: 37.24 },
      Set14: { fp32: 32.87, int8: 32.84 },
      BSD100: { fp32: 31.74, int8: 31.72 },
    },
  },
  // quicksrnet-l-x2
  '0a599d0329999e58a5f5f7d041f345c9740ca5bb7e27052c5d05e8e7e60bf075': {
    psnrDb: {
      Set5: { fp32: 37.61, int8: 37.59 },
      Set14: { fp32: 33.18, int8: 33.18 },
      BSD100: { fp32: 32.02, int8: 32.02 },
    },
  },
  // quicksrnet-s-x3
  '26f25998bbf5a0e8ab3d57bbe19d8661b234ab8005c042dbf7c261e2b8796ef2': {
    psnrDb: {
      Set5: { fp32: 33.1, int8: 33.09 },
      Set14: { fp32: 29.55, int8: 29.54 },
      BSD100: { fp32: 28.58, int8: 28.57 },
    },
  },
  // quicksrnet-m-x3
  be418cc0f845eeca950bfcfc712ab560f7859a8ec53560e7d7c54921917d480f: {
    psnrDb: {
      Set5: { fp32: 33.39, int8: 33.37 },
      Set14: { fp32: 29.7, int8: 29.69 },
      BSD100: { fp32: 28.71, int8: 28.7 },
    },
  },
  // quicksrnet-l-x3
  '17b20f3b5b009756c1598b8d5deb89436f1088c9140e9c8d6e9f7d4e2bdaebf2': {
    psnrDb: {
      Set5: { fp32: 33.9, int8: 33.89 },
      Set14: { fp32: 29.97, int8: 29.97 },
      BSD100: { fp32: 28.95, int8: 28.95 },
    },
  },
  // quicksrnet-s-x4
  ee4ca8139c6af2bc2d58bbce9cc2ffa69d9f2dc5038b6d97ca02cc5695b9ac6f: {
    psnrDb: {
      Set5: { fp32: 30.81, int8: 30.8 },
      Set14: { fp32: 27.73, int8: 27.73 },
      BSD100: { fp32: 27.03, int8: 27.02 },
    },
  },
  // quicksrnet-m-x4
  '580d9651bb7ef1ecd39bfee7f50667fa837e6bff8608b842d115d55cbbd75147': {
    psnrDb: {
      Set5: { fp32: 31.14, int8: 31.12 },
      Set14: { fp32: 27.94, int8: 27.93 },
      BSD100: { fp32: 27.16, int8: 27.16 },
    },
  },
  // quicksrnet-l-x4
  ace08451abb8476709fc84ebd8febc15e5d7bd83928100a4171efad91e99902d: {
    psnrDb: {
      Set5: { fp32: 31.68, int8: 31.68 },
      Set14: { fp32: 28.27, int8: 28.27 },
      BSD100: { fp32: 27.43, int8: 27.42 },
    },
  },
};

/** What was measured of weights, or undefined. */
export function figuresOf(sha256: string): Figures | undefined {
  return measured[sha256];
}
