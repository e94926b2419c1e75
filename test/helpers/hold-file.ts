/** The file beside a photo that holds a worker of `held-worker.ts` at the first tile of a strip. */
export function holdFile(source: string, stripIndex: number): string {
  return `${source}.hold-${stripIndex}`;
}
