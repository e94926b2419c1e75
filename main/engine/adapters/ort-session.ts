import { listSupportedBackends } from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import type { Provider } from '../ports.ts';

/**
 * From version 1.29 ONNX Runtime reports its use to its maker, with an identifier that it keeps in the person's home.
 * It looks at this variable once, when the first session is made, and then sends, counts and stores nothing. On Windows it
 * does not look: there its events go to the system's tracing (ETW), and what becomes of them is the system's affair.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

/** All that Tessera knows how to use, the processor first. */
const KNOWN: readonly Provider[] = ['cpu', 'webgpu', 'dml', 'coreml', 'cuda'];

/** The providers that this build of ONNX Runtime brings with it; whether they run here only a session can tell. */
export function offeredProviders(): readonly Provider[] {
  const bundled = listSupportedBackends().flatMap(({ name, bundled }) => (bundled ? [name] : []));
  return KNOWN.filter((provider) => bundled.includes(provider));
}

/** How a session runs. */
export interface Runtime {
  readonly provider: Provider;
  /** Threads within an operator. */
  readonly threads: number;
}

/** The session's options, or undefined where this build of ONNX Runtime lacks the provider. */
export function sessionOptionsOf(runtime: Runtime): InferenceSession.SessionOptions | undefined {
  if (!listSupportedBackends().some(({ name }) => name === runtime.provider)) return undefined;
  return {
    executionProviders: [runtime.provider],
    intraOpNumThreads: runtime.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Failures are values; the runtime need not print them as well.
    logSeverityLevel: 4,
  };
}
