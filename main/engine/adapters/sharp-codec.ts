/**
 * The codec: reads headers, decodes into spool files, encodes from them. See `codec-work.ts` for what it does; here is
 * only where it runs: native sharp beside the caller, the WebAssembly build in a thread.
 */
import { codecInThread } from './codec-thread.ts';
import type { Codec } from './codec-work.ts';
import { sharpBuild } from './sharp-build.ts';

const codec: Codec = sharpBuild === 'wasm' ? codecInThread() : await import('./codec-work.ts');

/** Which sharp and libvips this process uses; see `codec-work.ts`. */
export const codecVersions: Codec['codecVersions'] = codec.codecVersions;

/** Reads a photo's header; see `codec-work.ts`. */
export const probePhoto: Codec['probePhoto'] = codec.probePhoto;

/** Decodes one plane of a photo into a spool file; see `codec-work.ts`. */
export const decodePlane: Codec['decodePlane'] = codec.decodePlane;

/** Encodes a result into a file; see `codec-work.ts`. */
export const encodeBands: Codec['encodeBands'] = codec.encodeBands;

/** Encodes some rows of a result as a JPEG; see `codec-work.ts`. */
export const encodeRows: Codec['encodeRows'] = codec.encodeRows;
