import { ModelError } from './errors.ts';

/** A float32 tensor in row-major order. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, FloatTensor>;
}

const lengthBytes = 8;
/** The format's own limit on its header. */
const largestHeaderBytes = 100_000_000;

/**
 * Reads a safetensors file of float32 tensors: 8 bytes of header length (little-endian), a JSON header, raw data.
 *
 * Source of the format: the README of huggingface/safetensors.
 *
 * @throws ModelError `weights-malformed` where the header, a shape or an offset cannot be true, or a value is not a
 * finite number
 */
export function parseSafetensors(file: Uint8Array): Safetensors {
  const { header, data } = splitHeader(file);
  const metadata: Record<string, string> = {};
  const tensors = new Map<string, FloatTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') Object.assign(metadata, parseMetadata(entry));
    else tensors.set(name, parseTensor(name, entry, data));
  }
  return { metadata, tensors };
}

function splitHeader(file: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (file.byteLength < lengthBytes) throw malformed(`Expected at least 8 bytes but received ${file.byteLength}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > largestHeaderBytes || lengthBytes + headerBytes > file.byteLength) {
    throw malformed(`Expected a header within ${file.byteLength} bytes but received a length of ${headerBytes}`);
  }
  const text = new TextDecoder().decode(file.subarray(lengthBytes, lengthBytes + headerBytes));
  return { header: parseHeader(text), data: file.subarray(lengthBytes + headerBytes) };
}

function parseHeader(text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw malformed('Expected a JSON header', error);
  }
  if (!isRecord(header)) throw malformed('Expected a JSON object as the header');
  return header;
}

function parseMetadata(entry: unknown): Record<string, string> {
  if (!isRecord(entry)) throw malformed('Expected an object of strings as metadata');
  const strings: Record<string, string> = {};
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') throw malformed(`Expected a string as metadata ${key} but received ${typeof value}`);
    strings[key] = value;
  }
  return strings;
}

function parseTensor(name: string, entry: unknown, data: Uint8Array): FloatTensor {
  if (!isRecord(entry)) throw malformed(`Expected an object as the entry of ${name}`);
  if (entry['dtype'] !== 'F32') throw malformed(`Expected F32 for ${name} but received ${String(entry['dtype'])}`);
  const shape = parseIntegers(entry['shape'], `the shape of ${name}`);
  const [begin, end, ...rest] = parseIntegers(entry['data_offsets'], `the offsets of ${name}`);
  if (begin === undefined || end === undefined || rest.length > 0) {
    throw malformed(`Expected two offsets for ${name}`);
  }
  const count = shape.reduce((product, side) => product * side, 1);
  if (end > data.byteLength || end - begin !== count * Float32Array.BYTES_PER_ELEMENT) {
    throw malformed(
      `Expected ${count} values for ${name} within ${data.byteLength} bytes but received ${begin}–${end}`,
    );
  }
  // A copy, because a Float32Array must start on a multiple of four bytes and a file's data need not.
  const values = new Float32Array(Uint8Array.from(data.subarray(begin, end)).buffer);
  if (!values.every(Number.isFinite)) throw malformed(`Expected finite values in ${name}`);
  return { shape, values };
}

function parseIntegers(value: unknown, what: string): readonly number[] {
  if (!Array.isArray(value) || !value.every(isWholeNumber)) throw malformed(`Expected whole numbers as ${what}`);
  return value;
}

function isWholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string, cause?: unknown): ModelError {
  return new ModelError('weights-malformed', `The weights file is damaged. ${what}.`, { cause });
}
