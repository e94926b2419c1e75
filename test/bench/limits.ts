/**
 * What was tried to go faster, each way beside the one that it replaces, in turns:
 *
 *     npm run bench:limits -- [--runs 7] [--only Arithmetic | --write]
 *
 * Times are one thread's processor time, which other programs disturb less than the clock. Pictures are a part of a
 * sample photo, because a network's time may depend on what it sees. `--write` puts the tables into
 * docs/benchmarks/limits-measured.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { format } from 'prettier';
import sharp from 'sharp';
import { sessionOptionsOf } from '../../main/engine/adapters/ort-session.ts';
import { spread } from '../../main/tune/efficiency.ts';
import { requireModel } from '../../models/catalog.ts';
import { addFloatLayers, roundToSamples } from '../../models/graph/float-graph.ts';
import { GraphBuilder } from '../../models/graph/graph-builder.ts';
import { haloOf } from '../../models/graph/halo.ts';
import type { QuickSrNet } from '../../models/graph/network.ts';
import { elementTypes, serialiseModel } from '../../models/graph/onnx.ts';
import { pixelNetworkOf } from '../../models/graph/pixel-network.ts';
import { toPlanes } from '../../models/graph/pixels.ts';
import { readNcnn } from '../../models/import/read-ncnn.ts';
import { defaultWeightsFolder, graphOf, loadNetwork } from '../../models/load-graph.ts';
import { upscaylPackage } from './peers/installed.ts';
import { COMPACT_MODEL } from './peers/upscayl.ts';
import { samplePhoto } from './seams.ts';
import { machineLine } from './machine-line.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    /** What a table's title begins with: such tables alone. */
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
if (values.write && values.only !== '') throw new Error('What is written is whole: leave out --only or --write.');

/** A graph, the side of the tile that it is fed, and what is kept of that. */
interface Way {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly tilePx: number;
  readonly keptPx: number;
  /** Integer kernels of the runtime that do not saturate on x86 without VNNI. */
  readonly exactKernels?: boolean;
  /** Its picture is not the others'. */
  readonly differs?: boolean;
}

async function networkOf(id: string): Promise<QuickSrNet> {
  return loadNetwork(requireModel(id), defaultWeightsFolder);
}

/** Both keep the same interior. */
async function paddings(id: string, precision: 'int8' | 'fp32'): Promise<readonly Way[]> {
  const network = await networkOf(id);
  return (['same', 'valid'] as const).map((padding) => {
    const { bytes, haloPx } = graphOf(network, { precision, padding });
    const name = padding === 'same' ? 'zeros around each layer, halo cut off (SAME)' : 'no padding (VALID)';
    return { name, bytes, tilePx: 384, keptPx: 384 - 2 * haloPx };
  });
}

async function tiles(id: string, precision: 'int8' | 'fp32'): Promise<readonly Way[]> {
  const { bytes, haloPx } = graphOf(await networkOf(id), { precision });
  return [96, 128, 192, 256, 320, 384, 512, 640].map((tilePx) => ({
    name: `${tilePx} px`,
    bytes,
    tilePx,
    keptPx: tilePx - 2 * haloPx,
  }));
}

/** DepthToSpace on floats, rounded afterwards, as networks are usually exported; and bytes that are moved by rows. */
async function shuffles(id: string): Promise<readonly Way[]> {
  const network = await networkOf(id);
  const { bytes, haloPx } = graphOf(network, { precision: 'fp32' });
  const pixels = pixelNetworkOf(network, { channels: 3, channelOrder: 'rgb', white: 255, keepsGrid: false });
  const graph = new GraphBuilder();
  const planes = graph.node('Cast', 'planes.float', [toPlanes(graph, 'input')], { to: elementTypes.float32 });
  const layers = addFloatLayers(graph, pixels, planes, 'valid');
  const enlarged = graph.node('DepthToSpace', 'enlarged', [layers], { blocksize: network.scale });
  const samples = roundToSamples(graph, enlarged, 'uint8');
  const output = graph.node('Transpose', 'output', [samples], { perm: [0, 2, 3, 1] });
  const inFloats = graph.build(
    'shuffled-in-floats',
    { name: 'input', type: 'uint8', shape: [1, 'h', 'w', 3] },
    { name: output, type: 'uint8', shape: [1, 'H', 'W', 3] },
  );
  if (haloOf(inFloats) !== haloPx) throw new Error('Expected the same network');
  const size = { tilePx: 384, keptPx: 384 - 2 * haloPx };
  return [
    { name: 'floats, DepthToSpace', bytes: serialiseModel(inFloats), ...size },
    { name: 'bytes, by rows', bytes, ...size },
  ];
}

/** What there is for int8 on x86 without VNNI: fp32, the runtime's exact kernels, or weights whose pairs fit 16 bits. */
async function arithmetics(id: string): Promise<readonly Way[]> {
  const network = await networkOf(id);
  const [int8, fp32] = (['int8', 'fp32'] as const).map((precision) => graphOf(network, { precision }));
  const size = { tilePx: 384, keptPx: 384 - 2 * int8!.haloPx };
  return [
    { name: 'fp32', bytes: fp32!.bytes, ...size, differs: true },
    { name: 'int8, the runtime’s exact kernels', bytes: int8!.bytes, ...size, exactKernels: true },
    { name: 'int8, pairs of weights within 16 bits', bytes: int8!.bytes, ...size },
  ];
}

/** The compact network that peers are compared with; none where it cannot be had. */
async function prelus(): Promise<readonly Way[] | undefined> {
  const found = await upscaylPackage();
  if (!found.ok) return undefined;
  const stem = join(found.value.modelsFolder, COMPACT_MODEL);
  const read = readNcnn({ param: await readFile(`${stem}.param`, 'utf8'), bin: await readFile(`${stem}.bin`) });
  if (!read.ok) throw new Error(read.error.message);
  return [false, true].map((blockedChannels) => {
    const { bytes, haloPx } = graphOf(read.value, { precision: 'fp32', blockedChannels });
    const name = blockedChannels ? 'two convolutions of one channel each' : 'the operator PRelu';
    return { name, bytes, tilePx: 384, keptPx: 384 - 2 * haloPx };
  });
}

async function pixelsOf(sidePx: number): Promise<Tensor> {
  const pixels = await sharp(samplePhoto('friends.jpg')).resize(sidePx, sidePx, { fit: 'fill' }).raw().toBuffer();
  return new Tensor('uint8', new Uint8Array(pixels), [1, sidePx, sidePx, 3]);
}

/** Ways whose results are of one size give one picture. */
async function checkAlike(sessions: readonly InferenceSession[], inputs: readonly Tensor[]): Promise<void> {
  const results: Uint8Array[] = [];
  for (const [index, session] of sessions.entries()) {
    const { [session.outputNames[0]!]: output } = await session.run({ [session.inputNames[0]!]: inputs[index]! });
    results.push(output!.data as Uint8Array);
  }
  const [first] = results;
  for (const other of results.filter(({ length }) => length === first!.length)) {
    const worst = other.reduce((largest, value, at) => Math.max(largest, Math.abs(value - first![at]!)), 0);
    if (worst > 1) throw new Error(`Expected one picture, but samples differ by ${worst}`);
  }
}

/** Milliseconds a megapixel of source that is kept, a run each. */
async function measure(ways: readonly Way[]): Promise<readonly (readonly number[])[]> {
  const sessions = await Promise.all(
    ways.map(({ bytes, exactKernels = false }) =>
      InferenceSession.create(bytes, {
        ...sessionOptionsOf({ provider: 'cpu', threads: 1 }),
        ...(exactKernels && { extra: { session: { x64quantprecision: '1' } } }),
      }),
    ),
  );
  const inputs = await Promise.all(ways.map(({ tilePx }) => pixelsOf(tilePx)));
  const alike = <T>(all: readonly T[]): T[] => all.filter((_, index) => ways[index]!.differs !== true);
  await Promise.all(sessions.map((session, at) => session.run({ [session.inputNames[0]!]: inputs[at]! })));
  await checkAlike(alike(sessions), alike(inputs));
  const times = ways.map((): number[] => []);
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const [index, session] of sessions.entries()) {
      const before = process.cpuUsage();
      await session.run({ [session.inputNames[0]!]: inputs[index]! });
      const { user, system } = process.cpuUsage(before);
      const ms = (user + system) / 1000;
      times[index]!.push(ms / (ways[index]!.keptPx ** 2 / 1e6));
    }
  }
  await Promise.all(sessions.map((session) => session.release()));
  return times;
}

/** A table whose ratios are to the way at `reference`. */
async function tableOf(title: string, ways: readonly Way[], reference: number): Promise<readonly string[]> {
  const times = await measure(ways);
  console.error(title);
  const rows = ways.map(({ name }, index) => {
    const { median, min, max } = spread(times[index]!);
    const ratio = spread(times[index]!.map((ms, run) => ms / times[reference]![run]!)).median;
    return `| ${name} | ${median.toFixed(0)} (${min.toFixed(0)}…${max.toFixed(0)}) | ${ratio.toFixed(3)} |`;
  });
  const head = `| way | ms a megapixel of source | ÷ ${ways[reference]!.name} |`;
  return [`## ${title}\n`, head, '| --- | --- | --- |', ...rows, ''];
}

const lines = [
  '# What the limits are made of\n',
  'Written by `npm run bench:limits -- --write`. Processor time of one thread for each megapixel of source that is kept,',
  'the median and the range; the ratio is taken round by round.\n',
  machineLine(),
];
async function add(title: string, waysOf: () => Promise<readonly Way[] | undefined>, usualPx?: number): Promise<void> {
  if (!title.startsWith(values.only)) return;
  const ways = await waysOf();
  if (ways === undefined) return;
  const reference = usualPx === undefined ? ways.length - 1 : ways.findIndex(({ tilePx }) => tilePx === usualPx);
  lines.push(...(await tableOf(title, ways, reference)));
}

for (const id of ['quicksrnet-l-x4', 'quicksrnet-m-x4', 'quicksrnet-s-x4']) {
  await add(`Arithmetic: ${id}`, () => arithmetics(id));
}
for (const id of ['quicksrnet-l-x4', 'quicksrnet-s-x4']) {
  for (const precision of ['int8', 'fp32'] as const) {
    await add(`Padding: ${id}, ${precision}`, () => paddings(id, precision));
    await add(`Tile: ${id}, ${precision}`, () => tiles(id, precision), 384);
  }
  await add(`Shuffle: ${id}, fp32`, () => shuffles(id));
}
await add('PReLU: Real-ESRGAN compact ×4, fp32', prelus);
if (!lines.some((line) => line.startsWith('## '))) throw new Error(`No table begins with ${values.only}.`);
const markdown = await format(lines.join('\n'), { parser: 'markdown' });
console.log(markdown);
const path = fileURLToPath(new URL('../../docs/benchmarks/limits-measured.md', import.meta.url));
if (values.write) await writeFile(path, markdown);
