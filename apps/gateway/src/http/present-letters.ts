import type { DeadLetterAnswer, DeadLetterItem, DeadLettersAnswer, ReplayOutcome } from '#contracts';
import { remedies } from '#contracts';
import { isoOf } from '#domain';
import type { KeptLetter, LetterGroup, Replay } from '#pipeline';

/** A page of letters shows this much of each: a letter may be as large as a record. */
const previewBytes = 500;

export const deadLettersAnswerOf = (
  groups: readonly LetterGroup[],
  letters: readonly KeptLetter[],
  nextCursor: string | null,
): DeadLettersAnswer => ({
  groups: groups.map((group) => ({
    ...group,
    firstSeenAt: isoOf(group.firstSeenAt),
    lastSeenAt: isoOf(group.lastSeenAt),
  })),
  items: letters.map((letter) => itemOf(letter, previewBytes)),
  nextCursor,
});

export const deadLetterAnswerOf = (letter: KeptLetter): DeadLetterAnswer => ({
  ...itemOf(letter, Infinity),
  remedy: remedies[letter.reason],
  headers: { ...letter.headers },
});

export function replayOutcomeOf({ id: letter }: KeptLetter, replay: Replay): ReplayOutcome {
  switch (replay.kind) {
    case 'admitted': {
      const { source, id, type, customer } = replay.event;
      return { letter, outcome: 'admitted', event: { source, id, type, customer } };
    }
    case 'rejected':
      return { letter, outcome: 'refused', reason: replay.reason, detail: replay.detail };
    case 'already-replayed':
      return { letter, outcome: 'already-replayed', replayed: { ...replay.replayed, at: isoOf(replay.replayed.at) } };
  }
}

const itemOf = (letter: KeptLetter, mostBytes: number): DeadLetterItem => {
  const { id, reason, detail, topic, partition, offset, key, replayed } = letter;
  return {
    id,
    reason,
    detail,
    topic,
    partition,
    offset,
    key,
    ...readable(letter.value, mostBytes),
    bytes: letter.value.byteLength,
    at: isoOf(letter.at),
    firstSeenAt: isoOf(letter.firstSeenAt),
    lastSeenAt: isoOf(letter.lastSeenAt),
    replayed: replayed === null ? null : { ...replayed, at: isoOf(replayed.at) },
  };
};

function readable(bytes: Uint8Array, most: number): { readonly value: string; readonly encoding: 'utf8' | 'base64' } {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    const isWhole = bytes.byteLength <= most;
    // In stream mode a character cut in two at the end is no fault.
    return { value: utf8.decode(isWhole ? bytes : bytes.subarray(0, most), { stream: !isWhole }), encoding: 'utf8' };
  } catch {
    return {
      value: Buffer.from(bytes.subarray(0, Math.min(most, bytes.byteLength))).toString('base64'),
      encoding: 'base64',
    };
  }
}
