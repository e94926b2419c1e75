import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';

/**
 * Makes a parser of one option's text that obeys the settings' own rule.
 *
 * @param rule the setting's schema
 * @param read turns the text into what the rule checks; a text that it cannot read becomes a value that the rule refuses
 */
export function checked<T>(rule: z.ZodType<T>, read: (text: string) => unknown): (text: string) => T {
  return (text) => {
    const parsed = rule.safeParse(read(text));
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(parsed.error.issues.map((issue) => issue.message).join(' '));
  };
}

/** Reads a text as it stands. */
export function text(value: string): string {
  return value;
}

/** Reads a plain number; anything else is NaN, which no rule accepts. */
export function readNumber(text: string): number {
  return /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
}

/** Reads a plain number or `auto`. */
export function readNumberOrAuto(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : readNumber(text);
}

/** Reads a factor as people write it: `4`, `2.5`, `x4`, `4x`, `×4` or `250%`. */
export function readFactor(text: string): number {
  if (text.endsWith('%')) return readNumber(text.slice(0, -1)) / 100;
  return readNumber(text.replace(/^[x×]|[x×]$/iu, ''));
}

const unitBytes: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Reads an amount of memory in bytes: `auto`, `2GB`, `1.5g`, `800 MiB`; units are powers of 1024. */
export function readBytes(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  const [, amount = '', unit = ''] = /^([\d.]+)\s*([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  return Math.round(readNumber(amount) * (unitBytes[unit.toLowerCase()] ?? 1));
}
