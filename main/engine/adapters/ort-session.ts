import { listSupportedBackends } from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';

/** What ONNX Runtime calls an execution provider. */
export type Provider = 'cpu' | 'webgpu' | 'dml' | 'coreml' | 'cuda';

/** How a session runs. */
export interface Runtime {
  readonly provider: Provider;
  /** Threads within an operator. */
  readonly threads: number;
  /** Slower integer kernels for processors whose fast ones saturate in 16 bits (x86 without VNNI). */
  readonly exactIntegers?: boolean;
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
    ...(runtime.exactIntegers === true ? { extra: { session: { x64quantprecision: '1' } } } : {}),
  };
}
