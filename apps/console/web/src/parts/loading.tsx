import type { Live } from '../live/poll.js';
import { useLanguage } from '../texts/language.js';
import { Empty } from './panel.js';

/** Why nothing, or nothing newer, is shown. Nothing at all while a value is there and the API is content. */
export function Loading({ live }: { live: Live<unknown> }) {
  const { t } = useLanguage();
  if (live.refused !== null) return <p class="notice notice-bad">{t.refused(live.refused)}</p>;
  return live.value === null && !live.missing ? <Empty>{t.loading}</Empty> : null;
}
