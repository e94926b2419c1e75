/** What a key does in the list of photos. */
export type RowAction =
  | { readonly kind: 'step'; readonly rows: number; readonly select: 'only' | 'range' | 'none' }
  | { readonly kind: 'move'; readonly to: 'up' | 'down' }
  | { readonly kind: 'all' | 'toggle' | 'clear' | 'remove' | 'retry' };

/** The parts of a keyboard event that matter here. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Reads a key; null where the list has no use for it. */
export function rowKey(event: KeyPress, pageRows: number): RowAction | null {
  if (event.altKey) {
    if (event.key === 'ArrowUp') return { kind: 'move', to: 'up' };
    return event.key === 'ArrowDown' ? { kind: 'move', to: 'down' } : null;
  }
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -pageRows,
    PageDown: pageRows,
    Home: -Number.MAX_SAFE_INTEGER,
    End: Number.MAX_SAFE_INTEGER,
  };
  const rows = steps[event.key];
  const withControl = event.ctrlKey || event.metaKey;
  if (rows !== undefined)
    return { kind: 'step', rows, select: withControl ? 'none' : event.shiftKey ? 'range' : 'only' };
  if (event.key === ' ') return { kind: 'toggle' };
  if (withControl) return event.key.toLowerCase() === 'a' ? { kind: 'all' } : null;
  const plain: Readonly<Record<string, RowAction>> = {
    Escape: { kind: 'clear' },
    Delete: { kind: 'remove' },
    Backspace: { kind: 'remove' },
    r: { kind: 'retry' },
  };
  return plain[event.key] ?? null;
}
