import type { LookChange, LookOptions, LookOverrides } from '../../preload/contract/dto.ts';

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

/** What was chosen for photos, as a change of what differs: what equals the batch's setting goes back to it. */
export function changeOf(chosen: LookOverrides, batch: LookOptions): LookChange {
  const given = keys.filter((key) => chosen[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, same(chosen[key], batch[key]) ? null : chosen[key]]));
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
