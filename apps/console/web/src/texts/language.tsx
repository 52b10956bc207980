import { createContext } from 'preact';
import type { ComponentChildren } from 'preact';
import { useContext, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Locale, LocalText } from '#domain';
import { en } from './en.js';
import { formatsOf } from './formats.js';
import type { Formats } from './formats.js';
import type { Texts } from './texts.js';
import { zh } from './zh.js';

const textsOf: Readonly<Record<Locale, Texts>> = { en, zh };
export const languageNames: Readonly<Record<Locale, string>> = { en: 'English', zh: '中文' };
const storageKey = 'churnwatch.language';
const tags: Readonly<Record<Locale, string>> = { en: 'en', zh: 'zh-CN' };

interface Language {
  readonly locale: Locale;
  readonly t: Texts;
  readonly format: Formats;
  /** A text of the API in the reader's language. */
  readonly say: (text: LocalText) => string;
  readonly choose: (locale: Locale) => void;
  /** The installation's own language, for readers who never chose one. */
  readonly suggest: (locale: Locale) => void;
}

const LanguageContext = createContext<Language | null>(null);

export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (!language) throw new Error('outside LanguageProvider');
  return language;
}

export function LanguageProvider({ children }: { children: ComponentChildren }) {
  const [chosen, setChosen] = useState(chosenBefore);
  const [suggested, suggest] = useState(browserLocale);
  const locale = chosen ?? suggested;
  useLayoutEffect(() => {
    document.documentElement.lang = tags[locale];
  }, [locale]);
  const language = useMemo<Language>(
    () => ({
      locale,
      t: textsOf[locale],
      format: formatsOf(locale),
      say: (text) => text[locale],
      choose: (chosen) => {
        remember(chosen);
        setChosen(chosen);
      },
      suggest,
    }),
    [locale],
  );
  return <LanguageContext.Provider value={language}>{children}</LanguageContext.Provider>;
}

const isLocale = (value: string | null): value is Locale => value === 'en' || value === 'zh';

/** What the address asks for, else the reader's last choice. */
function chosenBefore(): Locale | null {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLocale(asked)) {
    store(asked);
    return asked;
  }
  const remembered = recall();
  return isLocale(remembered) ? remembered : null;
}

function browserLocale(): Locale {
  const tag = navigator.languages.find((language) => /^(en|zh)\b/i.test(language));
  return tag?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function remember(chosen: Locale): void {
  store(chosen);
  const address = new URL(location.href);
  if (!address.searchParams.has('lang')) return;
  // Otherwise a reload would fall back to what the address says.
  address.searchParams.delete('lang');
  history.replaceState(history.state, '', address);
}

function store(chosen: Locale): void {
  try {
    localStorage.setItem(storageKey, chosen);
  } catch {
    // Storage may be forbidden by the browser; the choice then lasts until the page is closed.
  }
}
function recall(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
