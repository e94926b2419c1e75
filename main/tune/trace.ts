/**
 * When each stage of each photo ran, as Chrome's trace viewer and Perfetto read it.
 *
 * The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU ("JSON Object Format").
 */
import type { StageTime } from '../worker/protocol.ts';

/** What is known of a photo that is through. */
export interface TracedPhoto {
  /** What it is called in the trace. */
  readonly name: string;
  readonly stages: readonly StageTime[];
  /** Inside the model, of its inference; all strips together. */
  readonly runMs: number;
}

/** A stage; `ts` and `dur` are microseconds, `ts` from the first stage's begin. */
export interface StageEvent {
  readonly ph: 'X';
  readonly name: StageTime['stage'];
  readonly cat: string;
  /** The worker's process. */
  readonly pid: number;
  /** The lane, within which nothing overlaps. */
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly photo: string };
}

/** What a process or a lane is called, and where it stands. */
export interface NameEvent {
  readonly ph: 'M';
  readonly name: 'process_name' | 'process_sort_index' | 'thread_name' | 'thread_sort_index';
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name: string } | { readonly sort_index: number };
}

export interface Trace {
  readonly traceEvents: readonly (StageEvent | NameEvent)[];
  readonly displayTimeUnit: 'ms';
}

/** Stages that are shown together; a worker does several of a kind at once where there is more than one lane of it. */
const LANES: Readonly<Record<StageTime['stage'], string>> = {
  infer: 'model',
  wait: 'waiting for a free result',
  write: 'writing strips',
  decode: 'codec',
  encode: 'codec',
  store: 'codec',
};
const LANE_ORDER = ['model', 'waiting for a free result', 'writing strips', 'codec'];

interface Timed extends StageTime {
  readonly photo: string;
}

/**
 * A process a worker, a lane a kind of work; what overlaps within a kind gets a further lane. Pure.
 *
 * @param photos in any order; workers are numbered by their first stage
 */
export function traceOf(photos: readonly TracedPhoto[]): Trace {
  const all: Timed[] = photos
    .flatMap(({ name, stages }) => stages.map((stage) => ({ ...stage, photo: name })))
    .sort((one, other) => one.startMs - other.startMs || one.endMs - other.endMs);
  const originMs = all[0]?.startMs ?? 0;
  const workers = [...new Set(all.map(({ worker }) => worker))];
  const traceEvents = workers.flatMap((worker, index) => [
    named('process_name', worker, 0, { name: `worker ${index + 1} (process ${worker})` }),
    named('process_sort_index', worker, 0, { sort_index: index }),
    ...eventsOf(
      all.filter((stage) => stage.worker === worker),
      originMs,
    ),
  ]);
  return { traceEvents, displayTimeUnit: 'ms' };
}

/** Of one worker's stages, in the order of their begin. */
function eventsOf(stages: readonly Timed[], originMs: number): (StageEvent | NameEvent)[] {
  const microseconds = (ms: number): number => Math.round((ms - originMs) * 1000);
  return LANE_ORDER.flatMap((kind, order) =>
    packed(stages.filter(({ stage }) => LANES[stage] === kind)).flatMap((lane, at) => {
      const [pid, tid] = [lane[0]!.worker, order * 100 + at + 1];
      return [
        named('thread_name', pid, tid, { name: at === 0 ? kind : `${kind} ${at + 1}` }),
        named('thread_sort_index', pid, tid, { sort_index: tid }),
        ...lane.map(({ stage, startMs, endMs, photo }): StageEvent => {
          const ts = microseconds(startMs);
          return { ph: 'X', name: stage, cat: kind, pid, tid, ts, dur: microseconds(endMs) - ts, args: { photo } };
        }),
      ];
    }),
  );
}

/** As few lanes as hold the stages without overlap: each goes to the first lane that is free. */
function packed(stages: readonly Timed[]): (readonly Timed[])[] {
  const lanes: Timed[][] = [];
  for (const stage of stages) {
    const free = lanes.find((lane) => lane.at(-1)!.endMs <= stage.startMs);
    if (free === undefined) lanes.push([stage]);
    else free.push(stage);
  }
  return lanes;
}

function named(name: NameEvent['name'], pid: number, tid: number, args: NameEvent['args']): NameEvent {
  return { ph: 'M', name, pid, tid, args };
}
