import type { AdmissionLimits } from '#contracts';
import { decodeEvent, readEvent } from '#contracts';
import type { ActivityEvent, Admission, Clock, TenantId } from '#domain';
import type { Admit, ItemReader } from '../intake/admit.js';
import type { Mending } from './mend.js';
import { mended } from './mend.js';
import type { DeadLetters, KeptLetter, Replayed } from '../ports/dead-letters.js';

export interface ReplayParts {
  readonly admit: Admit;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly limits: AdmissionLimits;
}

/** What a letter is replayed with. */
export type Correction =
  | { readonly kind: 'as-it-was' }
  | { readonly kind: 'mended'; readonly mending: Mending }
  | { readonly kind: 'another'; readonly read: ItemReader };

export type Replay =
  | { readonly kind: 'admitted'; readonly event: ActivityEvent }
  | Extract<Admission, { kind: 'rejected' }>
  | { readonly kind: 'already-replayed'; readonly replayed: Replayed };

/** Sends letters back through the same admission as every event. */
export class Replayer {
  constructor(private readonly parts: ReplayParts) {}

  /** What `replay` would answer. */
  judge(tenant: TenantId, letters: readonly KeptLetter[], correction: Correction): readonly Replay[] {
    const now = this.parts.clock.now();
    const circumstances = { ...this.parts.limits, tenant, now, receivedAt: now };
    return letters.map((letter) => alreadyReplayed(letter) ?? readerOf(letter, correction)(circumstances));
  }

  /**
   * Answers one outcome per letter, in order. Whoever dies between the intake topic and the mark leaves a letter that
   * can be replayed once more: its event has the same source and id, by which the repeat is recognised.
   */
  async replay(tenant: TenantId, letters: readonly KeptLetter[], correction: Correction): Promise<readonly Replay[]> {
    const fresh = letters.filter((letter) => letter.replayed === null);
    const admissions =
      fresh.length === 0
        ? []
        : await this.parts.admit(
            tenant,
            fresh.map((letter) => readerOf(letter, correction)),
          );
    const at = this.parts.clock.now();
    const marks = fresh.flatMap(({ id }, index) => {
      const admission = admissions[index]!;
      if (admission.kind === 'rejected') return [];
      return [{ id, replayed: { at, source: admission.event.source, id: admission.event.id } }];
    });
    await this.parts.deadLetters.markReplayed(marks);
    const outcomes = new Map(fresh.map((letter, index) => [letter.id, admissions[index]!]));
    return letters.map((letter) => alreadyReplayed(letter) ?? outcomes.get(letter.id)!);
  }
}

const alreadyReplayed = ({ replayed }: KeptLetter): Replay | null =>
  replayed === null ? null : { kind: 'already-replayed', replayed };

/** An event without a time happened when its record arrived, however late it is replayed; received it is now. */
const readerOf =
  (letter: KeptLetter, correction: Correction): ItemReader =>
  (circumstances) => {
    const admission = readAs(letter, correction, { ...circumstances, receivedAt: letter.at });
    if (admission.kind === 'rejected') return admission;
    return { ...admission, event: { ...admission.event, receivedAt: circumstances.receivedAt } };
  };

function readAs(letter: KeptLetter, correction: Correction, circumstances: Parameters<ItemReader>[0]): Admission {
  switch (correction.kind) {
    case 'as-it-was':
      return decodeEvent(letter.value, letter.headers, circumstances);
    case 'another':
      return correction.read(circumstances);
    case 'mended': {
      const envelope = mended(letter, correction.mending);
      return 'kind' in envelope ? envelope : readEvent(envelope.value, circumstances);
    }
  }
}
