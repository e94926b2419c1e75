import type { Outcome } from '../../preload/contract/errors.ts';
import type { Device, HeatCell, MachineState, MachineWork } from '../../preload/contract/machine.ts';

const tiles = [128, 192, 256, 352, 448];
const crews = [
  { workers: 8, threads: 1 },
  { workers: 7, threads: 1 },
  { workers: 4, threads: 2 },
  { workers: 1, threads: 8 },
];

/** Rates with the shape that real ones have. */
const cells: readonly HeatCell[] = tiles.flatMap((tilePx) =>
  crews.map(({ workers, threads }) => ({
    tilePx,
    workers,
    threads,
    megapixelsPerSecond: (58 - threads * 3.1 - (8 - workers) * 0.8) * (1 - ((tilePx - 256) / 700) ** 2),
  })),
);
const standard = { tilePx: 352, workers: 8, threads: 1 };
const best = { tilePx: 256, workers: 8, threads: 1 };
const steps = 20;

/** A computer that measures itself in two seconds and always finds the same. */
export class FakeMachine {
  state: MachineState = {
    work: { kind: 'idle' },
    failure: null,
    heat: null,
    tuning: { kind: 'none', model: 'Faithful L ×4' },
    devices: {
      list: [
        { device: 'cpu', verdict: { kind: 'untried' } },
        { device: 'webgpu', verdict: { kind: 'untried' } },
      ],
      automatic: 'cpu',
      checkedAt: null,
      changes: [],
    },
  };
  readonly #tell: (state: MachineState) => void;
  #nextId = 1;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(tell: (state: MachineState) => void) {
    this.#tell = tell;
  }

  tune(): Outcome<number> {
    const { heat } = this.state;
    const end = (): void => {
      const verdict = { best, standard, gain: 1.019, elapsedMs: 2000, sure: true };
      this.#set({
        heat: { model: 'Faithful L ×4', device: 'cpu', precision: 'int8', cells, verdict },
        tuning: { kind: 'tuned', model: 'Faithful L ×4', ...best, gain: 1.019, tunedAt: new Date().toISOString() },
      });
    };
    return this.#run(
      (id, step) => {
        const phase = step < 5 ? 'crews' : step < 14 ? 'tiles' : 'batches';
        const seen = cells.slice(0, step + 1);
        this.#set({ heat: { model: 'Faithful L ×4', device: 'cpu', precision: 'int8', cells: seen, verdict: null } });
        return { kind: 'tuning', id, phase, fraction: step / steps, leftMs: (steps - step) * 3000 };
      },
      end,
      () => {
        this.#set({ heat });
      },
    );
  }

  checkDevices(): Outcome<number> {
    const device = (step: number): Device => (step < steps / 2 ? 'cpu' : 'webgpu');
    return this.#run(
      (id, step) => ({ kind: 'checking', id, device: device(step), index: step < steps / 2 ? 0 : 1, count: 2 }),
      () => {
        const message = 'No graphics adapter was found. A driver for Vulkan may be missing.';
        this.#set({
          devices: {
            list: [
              { device: 'cpu', verdict: { kind: 'right', megapixelsPerSecond: 54.2, maximumSteps: 0 } },
              { device: 'webgpu', verdict: { kind: 'failed', error: { code: 'device-unavailable', message } } },
            ],
            automatic: 'cpu',
            checkedAt: new Date().toISOString(),
            changes: [],
          },
        });
      },
    );
  }

  cancel(work: number): void {
    if (this.state.work.kind === 'idle' || this.state.work.id !== work) return;
    this.#undo();
    this.#stop();
  }

  forgetTuning(): Outcome<void> {
    this.#set({ heat: null, tuning: { kind: 'none', model: 'Faithful L ×4' } });
    return { ok: true, value: undefined };
  }

  #undo: () => void = () => undefined;

  #run(at: (id: number, step: number) => MachineWork, end: () => void, undo = (): void => undefined): Outcome<number> {
    if (this.state.work.kind !== 'idle') {
      return { ok: false, error: { code: 'machine-busy', message: 'This computer is being measured already.' } };
    }
    const id = this.#nextId++;
    let step = 0;
    this.#undo = undo;
    this.#set({ work: at(id, 0) });
    this.#timer = setInterval(() => {
      step += 1;
      if (step < steps) this.#set({ work: at(id, step) });
      else {
        end();
        this.#stop();
      }
    }, 100);
    return { ok: true, value: id };
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#set({ work: { kind: 'idle' } });
  }

  #set(change: Partial<MachineState>): void {
    this.state = { ...this.state, ...change };
    this.#tell(this.state);
  }
}
