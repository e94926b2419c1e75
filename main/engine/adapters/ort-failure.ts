import { failure } from '../errors.ts';
import type { Failure } from '../errors.ts';
import type { Provider, TileShape } from '../ports.ts';

interface Failed {
  readonly ok: false;
  readonly error: Failure;
}

/** Turns what ONNX Runtime threw while a session was made into a failure. */
export function sessionFailure(error: unknown, provider: Provider): Failed {
  const details = { provider, reason: textOf(error) };
  if (isOutOfMemory(error)) {
    return failure('out-of-memory', 'There is not enough memory to load the model. Use fewer workers.', details);
  }
  const why = provider === 'cpu' ? '' : ': there is no such device here, or its driver is too old';
  return failure('session-failed', `The model cannot be loaded with the provider ${provider}${why}.`, details);
}

/** Turns what ONNX Runtime threw while it inferred a tile into a failure. */
export function runFailure(error: unknown, { heightPx, widthPx }: TileShape): Failed {
  const details = { heightPx, widthPx, reason: textOf(error) };
  if (isOutOfMemory(error)) {
    return failure('out-of-memory', 'There is not enough memory for this tile. Use smaller tiles.', details);
  }
  return failure('inference-failed', 'The model failed on a tile.', details);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * ONNX Runtime's Node binding gives its errors as text only, so its words are read here and nowhere else: of C++
 * (`bad_alloc`), of its arenas, of Direct3D and Vulkan drivers, and of V8.
 */
function isOutOfMemory(error: unknown): boolean {
  return /bad_?alloc|out of (device |host )?memory|failed to allocate|E_OUTOFMEMORY|allocation failed/iu.test(
    textOf(error),
  );
}
