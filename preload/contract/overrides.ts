import type { LookChange, LookOverrides } from './dto.ts';

/** What differs for a photo after a change; null where nothing differs any more. */
export function changedOverrides(old: LookOverrides | null, change: LookChange | null): LookOverrides | null {
  if (change === null) return null;
  const changed = Object.entries(change).filter(([, value]) => value !== undefined);
  const all: LookChange = { ...old, ...Object.fromEntries(changed) };
  const differing = Object.entries(all).filter(([, value]) => value !== null && value !== undefined);
  return differing.length === 0 ? null : Object.fromEntries(differing);
}
