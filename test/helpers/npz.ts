/** Reads the arrays of numpy's `.npz` files: a zip archive of `.npy` files, of 64-bit floats. */
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';

const CENTRAL_ENTRY = 0x02014b50;
const END_OF_DIRECTORY = Buffer.from([0x50, 0x4b, 5, 6]);

/** All arrays of an archive by name, flat, row by row. */
export async function readNpz(path: string): Promise<ReadonlyMap<string, Float64Array>> {
  const file = await readFile(path);
  const end = file.lastIndexOf(END_OF_DIRECTORY);
  if (end < 0) throw new Error(`${path} is no zip archive.`);
  const arrays = new Map<string, Float64Array>();
  let at = file.readUInt32LE(end + 16);
  while (file.readUInt32LE(at) === CENTRAL_ENTRY) {
    const [method, bytes] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 20)];
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map((field) => file.readUInt16LE(at + field));
    const header = file.readUInt32LE(at + 42);
    const name = file.toString('utf8', at + 46, at + 46 + nameLength!);
    const start = header + 30 + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28);
    const packed = file.subarray(start, start + bytes);
    arrays.set(name.replace(/\.npy$/, ''), floatsOf(method === 0 ? packed : inflateRawSync(packed)));
    at += 46 + nameLength! + extraLength! + noteLength!;
  }
  return arrays;
}

function floatsOf(npy: Buffer): Float64Array {
  const start = 10 + npy.readUInt16LE(8);
  const header = npy.toString('latin1', 10, start);
  const shape = /'shape': \(([\d, ]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .filter((size) => size.trim() !== '');
  if (!header.includes("'<f8'") || shape === undefined || shape.length > 2) {
    throw new Error(`Expected a matrix of 64-bit floats but received ${header}`);
  }
  const stored = Float64Array.from({ length: (npy.length - start) / 8 }, (_, at) => npy.readDoubleLE(start + at * 8));
  if (!header.includes("'fortran_order': True")) return stored;
  const [rows, columns] = [Number(shape[0]), Number(shape[1] ?? 1)];
  return stored.map((_, at) => stored[(at % columns) * rows + Math.floor(at / columns)]!);
}
