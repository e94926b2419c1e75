import { failure, type Result } from '../engine/errors.ts';

/** Whether an error comes from the operating system, with a code such as ENOSPC. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Names the refusals of a file system that a person can do something about. */
export function systemFailure(error: NodeJS.ErrnoException): Result<never> {
  const details = { path: error.path, cause: error.message };
  switch (error.code ?? '') {
    case 'ENOSPC':
    case 'EDQUOT':
      return failure('disk-full', 'The disk is full. Free some space and try again.', details);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failure('not-writable', 'The output folder cannot be written to. Choose another.', details);
    case 'ENOTDIR':
    case 'EEXIST':
      return failure('not-writable', 'A file stands where the output folder should be.', details);
    case 'ENAMETOOLONG':
      return failure(
        'name-too-long',
        'The name of the result is too long for this disk. Choose a shorter one.',
        details,
      );
    default:
      return failure(
        'file-system',
        'The file system refused to store the result. Try again or choose another folder.',
        details,
      );
  }
}
