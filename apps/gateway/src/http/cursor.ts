import type { AlertView } from '#pipeline';
import type { AlertQuery } from '#pipeline';
import { epochMs } from '#domain';

type Place = NonNullable<AlertQuery['before']>;

/** Opaque to clients: they hand it back as they got it. */
export const cursorAfter = ({ alert }: AlertView): string =>
  Buffer.from(JSON.stringify([alert.detectedAt, alert.id])).toString('base64url');

/** Undefined when the text is no cursor of ours. */
export function readCursor(text: string): Place | undefined {
  try {
    const place = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    if (!Array.isArray(place) || place.length !== 2) return undefined;
    const [detectedAt, id] = place as readonly unknown[];
    if (!Number.isSafeInteger(detectedAt) || typeof id !== 'string') return undefined;
    return { detectedAt: epochMs(detectedAt as number), id };
  } catch {
    return undefined;
  }
}
