import type { LookOptions, LookOverrides } from '../../preload/contract/dto.ts';

const keys = ['model', 'target', 'format', 'quality', 'nameTemplate'] as const;

/** What several photos have changed alike; where they disagree, nothing is said. */
export function commonOverrides(all: readonly (LookOverrides | null)[]): LookOverrides {
  const [first, ...rest] = all;
  if (first === undefined || first === null) return {};
  const shared = keys.filter(
    (key) => first[key] !== undefined && rest.every((other) => same(other?.[key], first[key])),
  );
  return Object.fromEntries(shared.map((key) => [key, first[key]]));
}

/** Adds a change; what equals the batch again is no override, and no override at all is null. */
export function withOverride(old: LookOverrides, patch: LookOverrides, batch: LookOptions): LookOverrides | null {
  const next = { ...old, ...patch };
  const differing = keys.filter((key) => next[key] !== undefined && !same(next[key], batch[key]));
  return differing.length === 0 ? null : Object.fromEntries(differing.map((key) => [key, next[key]]));
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
