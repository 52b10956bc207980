import type { RefusedRecord } from '#contracts';
import { envelopeOf } from '#contracts';
import type { Admission } from '#domain';

/** Changes to an event, by paths such as `data.amount`: what many letters of one fault need alike. */
export interface Mending {
  readonly rename: Readonly<Record<string, string>>;
  readonly set: Readonly<Record<string, unknown>>;
}

type Refusal = Extract<Admission, { kind: 'rejected' }>;
type Members = Record<string, unknown>;

/** The letter's event with the changes made; the letter's bytes are only read. */
export function mended(letter: RefusedRecord, { rename, set }: Mending): { readonly value: unknown } | Refusal {
  const read = envelopeOf(letter.value, letter.headers);
  if ('refusal' in read) return read.refusal;
  if (!isMembers(read.value)) return { kind: 'rejected', reason: 'malformed', detail: 'the record is no JSON object' };
  const envelope = read.value;
  for (const [from, to] of Object.entries(rename)) {
    const taken = take(envelope, from.split('.'));
    if (taken !== undefined) put(envelope, to.split('.'), taken);
  }
  // A copy: the same value goes into many events, and admission makes each safe in place.
  for (const [path, value] of Object.entries(set)) put(envelope, path.split('.'), structuredClone(value));
  return { value: envelope };
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (members: Members, name: string): unknown => (Object.hasOwn(members, name) ? members[name] : undefined);

function take(members: Members, steps: readonly string[]): unknown {
  const [name, ...rest] = steps as [string, ...string[]];
  const value = own(members, name);
  if (rest.length > 0) return isMembers(value) ? take(value, rest) : undefined;
  delete members[name];
  return value;
}

/** Objects on the way are made where there is something else or nothing. */
function put(members: Members, steps: readonly string[], value: unknown): void {
  const [name, ...rest] = steps as [string, ...string[]];
  if (rest.length === 0) return define(members, name, value);
  const inner = own(members, name);
  if (isMembers(inner)) return put(inner, rest, value);
  const made: Members = {};
  define(members, name, made);
  put(made, rest, value);
}

/** Assigning would reach the prototype where the name is `__proto__`. */
const define = (members: Members, name: string, value: unknown): void =>
  void Object.defineProperty(members, name, { value, writable: true, enumerable: true, configurable: true });
