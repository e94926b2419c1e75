import type { TracedPhoto } from '../tune/trace.ts';
import type { StageTime } from '../worker/protocol.ts';

/** At 32 bytes a stage this holds 3.2 MB, beside the photos' names; a photo of 12 megapixels has about 30 stages. */
const MOST_STAGES = 100_000;

const kinds: readonly StageTime['stage'][] = ['decode', 'wait', 'infer', 'write', 'encode', 'store'];
const numbersAStage = 4;

interface Kept {
  readonly name: string;
  readonly runMs: number;
  /** Kind, worker, begin and end of one stage after the other: a third of what objects would take. */
  readonly packed: Float64Array;
}

/** When the stages of the last photos ran, for a trace. Pure. */
export class StageStore {
  readonly #mostStages: number;
  readonly #kept: Kept[] = [];
  #stages = 0;

  /** @param mostStages the oldest photos go where there are more; the last one always stays */
  constructor(mostStages = MOST_STAGES) {
    this.#mostStages = mostStages;
  }

  /** Photos that are kept. */
  get size(): number {
    return this.#kept.length;
  }

  add({ name, runMs, stages }: TracedPhoto): void {
    const packed = new Float64Array(stages.length * numbersAStage);
    for (const [index, { stage, worker, startMs, endMs }] of stages.entries()) {
      packed.set([kinds.indexOf(stage), worker, startMs, endMs], index * numbersAStage);
    }
    this.#kept.push({ name, runMs, packed });
    this.#stages += stages.length;
    while (this.#stages > this.#mostStages && this.#kept.length > 1) {
      this.#stages -= this.#kept.shift()!.packed.length / numbersAStage;
    }
  }

  /** What is kept, oldest photo first. */
  photos(): TracedPhoto[] {
    return this.#kept.map(({ name, runMs, packed }) => ({
      name,
      runMs,
      stages: Array.from({ length: packed.length / numbersAStage }, (_, index) => {
        const at = index * numbersAStage;
        return {
          stage: kinds[packed[at]!]!,
          worker: packed[at + 1]!,
          startMs: packed[at + 2]!,
          endMs: packed[at + 3]!,
        };
      }),
    }));
  }
}
