/** Tells for which system and processor a file was compiled, from its first bytes. */

export interface Binary {
  readonly system: 'linux' | 'darwin' | 'win32';
  /** As Node names it, or the number in the header. */
  readonly processor: string;
}

/** Bytes that are needed of a file. */
export const HEADER_BYTES = 4096;

/** By the `e_machine` of ELF. */
const elfMachines: Readonly<Record<number, string>> = { 0x3e: 'x64', 0xb7: 'arm64', 0x28: 'arm', 0x03: 'ia32' };
/** By the `cputype` of Mach-O. */
const machTypes: Readonly<Record<number, string>> = { 0x01000007: 'x64', 0x0100000c: 'arm64', 0x07: 'ia32' };
/** By the `Machine` of PE. */
const peMachines: Readonly<Record<number, string>> = { 0x8664: 'x64', 0xaa64: 'arm64', 0x014c: 'ia32' };

const named = (names: Readonly<Record<number, string>>, number: number): string =>
  names[number] ?? `0x${number.toString(16)}`;

/** What a file was compiled for; undefined where it is not a program or library. */
export function binaryOf(head: Buffer): Binary | undefined {
  if (head.length < 64) return undefined;
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
    return { system: 'linux', processor: named(elfMachines, machine) };
  }
  if (magic === 0xcffaedfe || magic === 0xcefaedfe) {
    return { system: 'darwin', processor: named(machTypes, head.readUInt32LE(4)) };
  }
  // Several in one; a Java class begins alike, and its version is far above any count of processors.
  if ((magic === 0xcafebabe || magic === 0xcafebabf) && head.readUInt32BE(4) < 20) {
    return { system: 'darwin', processor: 'several' };
  }
  return peOf(head);
}

function peOf(head: Buffer): Binary | undefined {
  if (head.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const at = head.readUInt32LE(60);
  if (at + 6 > head.length || head.toString('latin1', at, at + 4) !== 'PE\0\0') return undefined;
  return { system: 'win32', processor: named(peMachines, head.readUInt16LE(at + 4)) };
}
