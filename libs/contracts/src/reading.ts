import type { Admission, RejectReason } from '#domain';

export type Refusal = Extract<Admission, { kind: 'rejected' }>;
/** Something that was read, or why it could not be. */
export type Read<T> = { readonly value: T } | { readonly refusal: Refusal };

const mostDetail = 500;

/** Details may name members of what was sent: whoever stores, logs or shows them must be able to. */
export const refuse = (reason: RejectReason, detail: string): Refusal => ({
  kind: 'rejected',
  reason,
  detail: (detail.length > mostDetail ? `${detail.slice(0, mostDetail)}…` : detail).replace(unprintables, '?'),
});

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

export function parseJson(value: Uint8Array): Read<unknown> {
  if (value.byteLength === 0) return { refusal: refuse('malformed', 'the record is empty: send a CloudEvent as JSON') };
  let text: string;
  try {
    text = strictUtf8.decode(value);
  } catch {
    return { refusal: refuse('malformed', 'the bytes are no UTF-8: send JSON encoded as UTF-8') };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    // V8 quotes the text around the fault; what a customer sent has no business in logs and metrics.
    const place = /position \d+(?= \(line \d+ column \d+\)$|$)/.exec((error as Error).message)?.[0];
    return { refusal: refuse('malformed', `the text is no JSON${place === undefined ? '' : ` (at ${place})`}`) };
  }
}

/** Cc: control characters; Cs: halves of surrogate pairs, which UTF-8 cannot carry. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const unprintables = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;

/** Nearly all ids are plain ASCII, which a loop sees sooner than a Unicode expression. */
export function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return !unprintable.test(text);
  }
  return true;
}

export function plainText(value: string, field: string, maxLength: number): Read<string> {
  if (value.length > maxLength)
    return { refusal: refuse('invalid', `${field} has ${value.length} characters, at most ${maxLength} are taken`) };
  if (!isPlain(value))
    return { refusal: refuse('invalid', `${field} holds control characters or broken Unicode: remove them`) };
  return { value };
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** What was sent, short enough for a detail and harmless in a log line. */
export function show(value: unknown): string {
  if (typeof value !== 'string') return kindOf(value);
  const short = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(short.replace(unprintables, '?'));
}
