import { useEffect, useRef, useState } from 'preact/hooks';
import type { AlertItem } from '#contracts';
import { useLanguage } from '../texts/language.js';

/** Tells a screen reader how many alerts came since the answer before: the counts move too often to be read out. */
export function NewAlertsAnnouncer({ items }: { items: readonly AlertItem[] | null }) {
  const { t } = useLanguage();
  const known = useRef<ReadonlySet<string> | null>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    if (!items) return;
    const before = known.current;
    known.current = new Set(items.map(({ id }) => id));
    const fresh = before ? items.filter(({ id }) => !before.has(id)).length : 0;
    if (fresh > 0) setWords(t.newAlerts(fresh));
  }, [items, t]);
  return (
    <p class="hidden" aria-live="polite" data-announcer>
      {words}
    </p>
  );
}
