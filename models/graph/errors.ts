/** What can be wrong with a model that was asked for. */
export type ModelErrorCode =
  /** Not a safetensors file, or one that was cut short. */
  | 'weights-malformed'
  /** A sound file, but not the network that it says it is. */
  | 'weights-unexpected'
  /** The file is not there or cannot be read. */
  | 'weights-unreadable'
  /** The file is not the one that the catalogue describes. */
  | 'weights-changed'
  | 'model-unknown'
  /** The model exists, but not in this form (16-bit samples in int8, say). */
  | 'form-unavailable';

/** A model cannot be built. `code` is for programs, `message` for people. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
