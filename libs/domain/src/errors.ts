/** One page for each in docs/errors. */
export const errorCodes = [
  'CONFIG_INVALID',
  'PACK_INVALID',
  'STORE_UNAVAILABLE',
  'STORE_REFUSED',
  'MIGRATION_CHANGED',
  'FENCED',
  'LOG_UNAVAILABLE',
  'DEAD_LETTER_CAP',
  'DATA_DIR_BUSY',
  'IMPORT_INVALID',
  'GATEWAY_UNAVAILABLE',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** The one error class. `retryable` is decided where the knowledge is; the message never holds row text or secrets. */
export class ChurnError extends Error {
  readonly retryable: boolean;
  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ChurnError';
    this.retryable = options.retryable ?? false;
  }
}

/** Ends a switch over a closed list: the compiler proves that it is never reached. */
export function impossible(value: never): never {
  throw new TypeError(`unhandled case: ${String(value)}`);
}
