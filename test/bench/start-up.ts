/**
 * What opening a session costs before the first tile is through, and what a model that the runtime optimised and stored
 * beforehand would save:
 *
 *     npm run bench:start -- [--runs 9] [--model quicksrnet-l-x4] [--tile 384] [--write]
 *
 * Each way is a process of its own, because half of the cost is code that runs for the first time; the ways take turns,
 * and the medians are printed. The runtime's library is loaded before the clock starts: no way does without it.
 * `--write` puts the table into docs/benchmarks/start-up.md.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { format } from 'prettier';
import { sessionOptionsOf } from '../../main/engine/adapters/ort-session.ts';
import { spread } from '../../main/tune/efficiency.ts';
import { requireModel } from '../../models/catalog.ts';
import { defaultWeightsFolder, graphOf, loadNetwork } from '../../models/load-graph.ts';
import { machineLine } from './machine-line.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '9' },
    model: { type: 'string', default: 'quicksrnet-l-x4' },
    tile: { type: 'string', default: '384' },
    write: { type: 'boolean', default: false },
    /** One run, in a process of its own: a way, a precision, and the folder of stored models. */
    child: { type: 'string' },
  },
});

const ways = {
  'as it is: graph built, all optimisations': { from: 'weights', level: 'all' },
  'graph built, extended optimisations': { from: 'weights', level: 'extended' },
  'graph built, basic optimisations': { from: 'weights', level: 'basic' },
  'graph built, no optimisations': { from: 'weights', level: 'disabled' },
  'stored by the runtime as ONNX, loaded without optimising': { from: 'optimised.onnx', level: 'disabled' },
  'stored by the runtime in its own format, loaded without optimising': { from: 'optimised.ort', level: 'disabled' },
} as const;
type Way = keyof typeof ways;
const precisions = ['int8', 'fp32'] as const;
type Precision = (typeof precisions)[number];

/** Milliseconds. */
interface Times {
  /** Weights read and checked, graph built and serialised; or the stored model read. */
  readonly modelMs: number;
  readonly sessionMs: number;
  readonly firstTileMs: number;
  readonly nextTileMs: number;
}

function optionsFor(level: (typeof ways)[Way]['level']): InferenceSession.SessionOptions {
  return { ...sessionOptionsOf({ provider: 'cpu', threads: 1 })!, graphOptimizationLevel: level };
}

async function buildModel(precision: Precision): Promise<Uint8Array> {
  const network = await loadNetwork(requireModel(values.model), defaultWeightsFolder);
  return graphOf(network, { precision }).bytes;
}

/** Lets the runtime store the models that later runs load. */
async function storeOptimised(precision: Precision, folder: string): Promise<void> {
  const bytes = await buildModel(precision);
  for (const [name, form] of [
    ['optimised.onnx', 'ONNX'],
    ['optimised.ort', 'ORT'],
  ] as const) {
    const session = await InferenceSession.create(bytes, {
      ...optionsFor('all'),
      optimizedModelFilePath: join(folder, `${precision}-${name}`),
      extra: { session: { save_model_format: form } },
    });
    await session.release();
  }
}

/** The child's work. */
async function measure(way: Way, precision: Precision, folder: string): Promise<Times> {
  const { from, level } = ways[way];
  const startMs = performance.now();
  const bytes = from === 'weights' ? await buildModel(precision) : await readFile(join(folder, `${precision}-${from}`));
  const builtMs = performance.now();
  const session = await InferenceSession.create(bytes, optionsFor(level));
  const openMs = performance.now();
  const tilePx = Number(values.tile);
  const pixels = new Tensor('uint8', new Uint8Array(tilePx ** 2 * 3).fill(90), [1, tilePx, tilePx, 3]);
  const feeds = { [session.inputNames[0]!]: pixels };
  await session.run(feeds);
  const firstMs = performance.now();
  await session.run(feeds);
  return {
    modelMs: builtMs - startMs,
    sessionMs: openMs - builtMs,
    firstTileMs: firstMs - openMs,
    nextTileMs: performance.now() - firstMs,
  };
}

async function inChild(way: Way, precision: Precision, folder: string): Promise<Times> {
  const child = JSON.stringify({ way, precision, folder });
  const args = [fileURLToPath(import.meta.url), '--model', values.model, '--tile', values.tile, '--child', child];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Times;
}

/** All ways of a precision in turns. */
async function compare(precision: Precision, folder: string): Promise<Map<Way, Times[]>> {
  await storeOptimised(precision, folder);
  const names = Object.keys(ways) as Way[];
  const times = new Map<Way, Times[]>(names.map((way) => [way, []]));
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const way of run % 2 === 0 ? names : names.toReversed()) {
      times.get(way)!.push(await inChild(way, precision, folder));
    }
    console.error(`${precision}, run ${run + 1} of ${values.runs}`);
  }
  return times;
}

function tableOf(times: ReadonlyMap<Way, readonly Times[]>): string[] {
  const untilFirst = ({ modelMs, sessionMs, firstTileMs }: Times): number => modelMs + sessionMs + firstTileMs;
  const cell = (runs: readonly Times[], part: (one: Times) => number): string => {
    const { median, min, max } = spread(runs.map(part));
    return `${median.toFixed(0)} (${min.toFixed(0)}…${max.toFixed(0)})`;
  };
  const rows = [...times].map(([way, runs]) => {
    const parts = [
      ({ modelMs }: Times) => modelMs,
      ({ sessionMs }: Times) => sessionMs,
      ({ firstTileMs }: Times) => firstTileMs,
      untilFirst,
      ({ nextTileMs }: Times) => nextTileMs,
    ];
    return `| ${way} | ${parts.map((part) => cell(runs, part)).join(' | ')} |`;
  });
  return [
    '| way | model, ms | session, ms | first tile, ms | until the first tile is through, ms | next tile, ms |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

async function report(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-start-'));
  try {
    const lines = [
      '# Opening a session\n',
      'Written by `npm run bench:start -- --write`. Medians, and the range over the runs.\n',
      machineLine(),
      `${values.model}, one thread, tiles of ${values.tile} px. “Model” is: weights read, checked and parsed, graph built and`,
      'serialised; or the stored model read.\n',
    ];
    for (const precision of precisions) {
      lines.push(`## ${precision}\n`, ...tableOf(await compare(precision, folder)));
    }
    return lines.join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (values.child !== undefined) {
  const { way, precision, folder } = JSON.parse(values.child) as { way: Way; precision: Precision; folder: string };
  console.log(JSON.stringify(await measure(way, precision, folder)));
} else {
  const markdown = await format(await report(), { parser: 'markdown' });
  console.log(markdown);
  const path = fileURLToPath(new URL('../../docs/benchmarks/start-up.md', import.meta.url));
  if (values.write) await writeFile(path, markdown);
}
