import { epochMs } from '#domain';
import type { LetterPlace } from '#pipeline';

/** Opaque to clients: they hand it back as they got it. */
export const cursorAfterLetter = ({ firstSeenAt, offset, id }: LetterPlace): string =>
  Buffer.from(JSON.stringify([firstSeenAt, offset, id])).toString('base64url');

/** Undefined when the text is no cursor of ours. */
export function readLetterCursor(text: string): LetterPlace | undefined {
  try {
    const place = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    if (!Array.isArray(place) || place.length !== 3) return undefined;
    const [firstSeenAt, offset, id] = place as readonly unknown[];
    if (!isCount(firstSeenAt) || !isCount(offset) || typeof id !== 'string') return undefined;
    return { firstSeenAt: epochMs(firstSeenAt), offset, id };
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
