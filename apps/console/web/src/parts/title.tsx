import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLanguage } from '../texts/language.js';

/** The page's heading, which also names the browser tab. */
export function PageTitle({ words, aside }: { words: string; aside?: ComponentChildren }) {
  const { t } = useLanguage();
  useEffect(() => {
    document.title = `${words} · ${t.appName}`;
  }, [words, t]);
  return (
    <div class="page-head">
      <h1 id="page-title" tabIndex={-1}>
        {words}
      </h1>
      {aside}
    </div>
  );
}
