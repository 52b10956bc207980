import { ChurnError } from '#domain';

/**
 * What a handler's throw means for its partition, the same on every transport.
 * - `again`: the same records again, soon and then ever more slowly.
 * - `stuck`: trying soon would be the same again, so it is told loudly and tried slowly. Never skipped.
 * - `fenced`: somebody else owns these customers by now. Nothing more until the partition is assigned anew.
 */
export type HandlerFailure = 'again' | 'stuck' | 'fenced';

export function failureOf(error: unknown): HandlerFailure {
  // What is no ChurnError was not foreseen: nobody has judged whether it passes.
  if (!(error instanceof ChurnError)) return 'again';
  if (error.code === 'FENCED') return 'fenced';
  return error.retryable ? 'again' : 'stuck';
}

export const textOf = (error: unknown): string => {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
};
