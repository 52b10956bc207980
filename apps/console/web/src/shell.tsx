import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Locale } from '#domain';
import { useConnection } from './live/connection.js';
import { usePack } from './pack.js';
import { customerHref } from './route.js';
import type { Route } from './route.js';
import { languageNames, useLanguage } from './texts/language.js';

/** What surrounds every page: where to go, whom to look up, how fresh it all is. */
export function Shell({ route, children }: { route: Route; children: ComponentChildren }) {
  const { t, say } = useLanguage();
  const { pack } = usePack();
  useFocusOnArrival(route);
  return (
    <>
      <a class="skip" href="#page" onClick={skipToPage}>
        {t.skipToContent}
      </a>
      <div class="top">
        <header class="bar-top">
          <a class="brand" href="#/">
            <img src="./favicon.svg" alt="" width="24" height="24" />
            {t.appName}
          </a>
          <nav aria-label={t.mainNavigation}>
            <a href="#/" aria-current={route.page === 'overview' ? 'page' : undefined}>
              {t.overview}
            </a>
            <a href="#/alerts" aria-current={route.page === 'alerts' ? 'page' : undefined}>
              {t.alerts}
            </a>
          </nav>
          <CustomerSearch />
          <Freshness />
          <LanguageSwitch />
        </header>
        <AwayBanner />
      </div>
      <main id="page">{children}</main>
      <footer class="bar-bottom">
        {pack && <span>{t.pack(say(pack.title), pack.version.slice(0, 12))}</span>}
        <span>{t.allTimesUtc}</span>
      </footer>
    </>
  );
}

// The hash belongs to the routes, so the link may not follow its own address.
function skipToPage(event: Event): void {
  event.preventDefault();
  document.getElementById('page-title')?.focus();
}

/** After a link to another page the reader, too, begins at its top. */
function useFocusOnArrival(route: Route): void {
  const key = route.page === 'customer' ? `customer ${route.customer}` : route.page;
  const arrived = useRef(key);
  useEffect(() => {
    if (arrived.current === key) return;
    arrived.current = key;
    scrollTo(0, 0);
    document.getElementById('page-title')?.focus({ preventScroll: true });
  }, [key]);
}

function CustomerSearch() {
  const { t } = useLanguage();
  const [id, setId] = useState('');
  const search = (event: Event): void => {
    event.preventDefault();
    const wanted = id.trim();
    if (wanted) location.hash = customerHref(wanted);
  };
  return (
    <form class="search" role="search" aria-label={t.findCustomer} onSubmit={search}>
      <input
        type="search"
        value={id}
        placeholder={t.customerId}
        aria-label={t.customerId}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setId(event.currentTarget.value)}
      />
      <button type="submit">{t.open}</button>
    </form>
  );
}

function LanguageSwitch() {
  const { t, locale, choose } = useLanguage();
  return (
    <div class="choice languages" role="group" aria-label={t.language}>
      {(Object.keys(languageNames) as Locale[]).map((each) => (
        <button key={each} type="button" lang={each} aria-pressed={each === locale} onClick={() => choose(each)}>
          {languageNames[each]}
        </button>
      ))}
    </div>
  );
}

/** Seconds since `answeredAt`, counted on. */
function useAge(answeredAt: number | null): number | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [answeredAt]);
  return answeredAt === null ? null : Math.max(0, Math.floor((now - answeredAt) / 1_000));
}

function Freshness() {
  const { t, format } = useLanguage();
  const { answeredAt, failure } = useConnection();
  const age = useAge(answeredAt);
  return (
    <p class={`freshness ${failure ? 'stale' : age === null ? 'waiting' : 'fresh'}`} data-freshness>
      <i class="pulse" aria-hidden="true" />
      {age === null ? t.notYetAnswered : t.updatedAgo(format.age(age))}
    </p>
  );
}

function AwayBanner() {
  const { t, format } = useLanguage();
  const { answeredAt, failure } = useConnection();
  const age = useAge(answeredAt);
  const wasAway = useRef(false);
  if (failure) wasAway.current = true;
  return (
    <>
      {failure && (
        <div class="banner" role="alert" data-banner="away">
          <b>{t.apiAway}</b> {/* Counted on every second: not to be read out again each time. */}
          <span aria-live="off">{age === null ? t.apiAwayNothing : t.apiAwayShown(format.age(age))}</span>{' '}
          <code>{failure}</code>
        </div>
      )}
      <p class="hidden" aria-live="polite">
        {!failure && wasAway.current ? t.apiBack : ''}
      </p>
    </>
  );
}
