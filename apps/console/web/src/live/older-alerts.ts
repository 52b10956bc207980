import { useEffect, useRef, useState } from 'preact/hooks';
import type { AlertItem, AlertsAnswer } from '#contracts';
import { ask } from './api.js';
import { usePoll } from './poll.js';
import type { Live } from './poll.js';

export interface AlertShelf {
  readonly items: readonly AlertItem[];
  readonly hasOlder: boolean;
}

/**
 * Lays a fresh first page over what is shown. Where the two do not meet, more alerts came in between than a page holds;
 * the shelf then begins anew with the page, so that it never hides a gap.
 */
export function withFirstPage(shelf: AlertShelf, page: AlertsAnswer): AlertShelf {
  const fresh = new Set(page.items.map(({ id }) => id));
  const met = shelf.items.findLastIndex(({ id }) => fresh.has(id));
  if (met === -1 || page.nextCursor === null) return { items: page.items, hasOlder: page.nextCursor !== null };
  return { items: [...page.items, ...shelf.items.slice(met + 1)], hasOlder: shelf.hasOlder };
}

export function withOlderPage(shelf: AlertShelf, page: AlertsAnswer): AlertShelf {
  const known = new Set(shelf.items.map(({ id }) => id));
  return {
    items: [...shelf.items, ...page.items.filter(({ id }) => !known.has(id))],
    hasOlder: page.nextCursor !== null,
  };
}

/** The first page lives; older ones are added by hand and stay as they were read. */
export function useAlertShelf(pageSize: number): {
  readonly first: Live<AlertsAnswer>;
  readonly shelf: AlertShelf;
  readonly asking: boolean;
  readonly older: () => Promise<void>;
} {
  const first = usePoll<AlertsAnswer>(`v1/alerts?limit=${pageSize}`);
  const [shelf, setShelf] = useState<AlertShelf>({ items: [], hasOlder: false });
  const [asking, setAsking] = useState(false);
  /** Cursor behind the last item shown; set by the page that holds that item. */
  const cursor = useRef<string | null>(null);
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);

  useEffect(() => {
    const page = first.value;
    if (!page) return;
    setShelf((before) => {
      const next = withFirstPage(before, page);
      if (next.items.at(-1)?.id === page.items.at(-1)?.id) cursor.current = page.nextCursor;
      return next;
    });
  }, [first.value]);

  const older = async (): Promise<void> => {
    if (cursor.current === null || asking) return;
    setAsking(true);
    const path = `v1/alerts?limit=${pageSize}&cursor=${encodeURIComponent(cursor.current)}`;
    const answer = await ask<AlertsAnswer>(path, left.current.signal);
    if (left.current.signal.aborted) return;
    setAsking(false);
    if (answer.kind !== 'value') return; // the banner tells; the button stays for another try
    cursor.current = answer.value.nextCursor;
    setShelf((before) => withOlderPage(before, answer.value));
  };
  return { first, shelf, asking, older };
}
