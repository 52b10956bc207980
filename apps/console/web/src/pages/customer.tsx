import { useMemo } from 'preact/hooks';
import type { AlertsAnswer, CustomerAnswer } from '#contracts';
import { usePoll } from '../live/poll.js';
import { ActivityChart } from '../parts/activity-chart.js';
import { AlertCard } from '../parts/alert.js';
import { Instant, MutedNote, SeverityBadge, StateBadge, VerdictWords } from '../parts/badges.js';
import type { ChartMarker } from '../parts/chart.js';
import { signalWords } from '../parts/evidence.js';
import { Loading } from '../parts/loading.js';
import { clears, fires, moveOf } from '../parts/moves.js';
import { Empty, Panel } from '../parts/panel.js';
import { Timeline } from '../parts/timeline.js';
import { PageTitle } from '../parts/title.js';
import { usePack, useRuleName } from '../pack.js';
import { inAddress } from '../route.js';
import { useLanguage } from '../texts/language.js';
import { AsOf } from './overview.js';

export function CustomerPage({ id }: { id: string }) {
  const { t } = useLanguage();
  const live = usePoll<CustomerAnswer>(`v1/customers/${inAddress(id)}`);
  const alerts = usePoll<AlertsAnswer>(`v1/alerts?limit=10&customer=${inAddress(id)}`);
  const customer = live.value;
  return (
    <>
      <PageTitle words={`${t.customer} ${id}`} aside={customer && <AsOf at={customer.asOf} />} />
      <Loading live={live} />
      {live.missing && (
        <div class="notice">
          <b>{t.noSuchCustomer}</b>
          <p>{t.noSuchCustomerWhy}</p>
        </div>
      )}
      {customer && <Known customer={customer} alerts={alerts.value?.items ?? []} />}
    </>
  );
}

function Known({ customer, alerts }: { customer: CustomerAnswer; alerts: AlertsAnswer['items'] }) {
  const { t } = useLanguage();
  const markers = useMarkers(customer.timeline);
  return (
    <>
      <Presence customer={customer} />
      <Panel title={t.dailyActivity}>
        <ActivityChart windows={customer.windows} asOf={customer.asOf} markers={markers} />
      </Panel>
      <div class="columns">
        <div class="span-7 stack">
          <FlagTable flags={customer.flags} />
          {alerts.length > 0 && (
            <Panel title={t.alertsOfCustomer}>
              {alerts.map((alert) => (
                <AlertCard key={alert.id} alert={alert} ofOneCustomer />
              ))}
            </Panel>
          )}
          <SignalTable customer={customer} />
        </div>
        <div class="span-5">
          <Timeline entries={customer.timeline} />
        </div>
      </div>
    </>
  );
}

function useMarkers(timeline: CustomerAnswer['timeline']): readonly ChartMarker[] {
  const { t, format } = useLanguage();
  const ruleName = useRuleName();
  return useMemo(
    () =>
      timeline.flatMap((entry): ChartMarker[] => {
        const move = moveOf(entry);
        if (!move || !(fires(move) || clears(move))) return [];
        const tone = fires(move) ? 'fired' : 'cleared';
        const words = tone === 'fired' ? t.markerFired : t.markerCleared;
        return [{ at: Date.parse(entry.at), tone, words: words(ruleName(move.rule).title, format.minute(entry.at)) }];
      }),
    [timeline, ruleName, t, format],
  );
}

function Presence({ customer }: { customer: CustomerAnswer }) {
  const { t, format } = useLanguage();
  const { stage, since, usualGapDays } = customer.lifecycle;
  const { value } = customer;
  const sinceMs = (iso: string): number => Math.max(0, Date.parse(customer.asOf) - Date.parse(iso));
  return (
    <dl class="presence">
      <div>
        <dt>{t.firstSeen}</dt>
        <dd>
          <Instant at={customer.firstSeenAt} />{' '}
          <span class="quiet">{t.daysKnown(format.span(sinceMs(customer.firstSeenAt)))}</span>
        </dd>
      </div>
      <div>
        <dt>{t.lastSeen}</dt>
        <dd>
          <Instant at={customer.lastSeenAt} />{' '}
          <span class="quiet">{t.quietFor(format.span(sinceMs(customer.lastSeenAt)))}</span>
        </dd>
      </div>
      {stage && (
        <div>
          <dt>{t.stage}</dt>
          <dd>
            {t.stages[stage]}{' '}
            <span class="quiet">
              {[
                since && t.sinceInstant(format.minute(since)),
                usualGapDays !== null && t.usualGap(format.quantity(usualGapDays)),
              ]
                .filter(Boolean)
                .join(', ')}
            </span>
          </dd>
        </div>
      )}
      {value && (
        <div>
          <dt>{t.tier}</dt>
          <dd>
            {value.tier} <span class="quiet">{t.valueScores(value.recency, value.frequency, value.monetary)}</span>
          </dd>
        </div>
      )}
    </dl>
  );
}

const loudness = { firing: 0, recovering: 1, pending: 2, retracted: 3, clear: 4 } as const;
const gravity = { high: 0, medium: 1, low: 2 } as const;

function FlagTable({ flags }: { flags: CustomerAnswer['flags'] }) {
  const { t } = useLanguage();
  const ruleName = useRuleName();
  const weightOf = (flag: (typeof flags)[number]): number =>
    loudness[flag.state] * 10 + gravity[ruleName(flag.rule).severity ?? 'low'];
  const sorted = flags.toSorted((a, b) => weightOf(a) - weightOf(b) || (a.rule < b.rule ? -1 : 1));
  return (
    <Panel title={t.flags}>
      {flags.length === 0 ? (
        <Empty>{t.noRules}</Empty>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={t.flags}>
          <table class="flags">
            <thead>
              <tr>
                <th scope="col">{t.rule}</th>
                <th scope="col">{t.state}</th>
                <th scope="col">{t.verdict}</th>
                <th scope="col">{t.since}</th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((flag) => {
                const { title, severity, muted } = ruleName(flag.rule);
                return (
                  <tr key={flag.rule} data-flag={flag.rule}>
                    <th scope="row">
                      {title} <SeverityBadge severity={severity} /> <MutedNote why={muted} />
                    </th>
                    <td>
                      <StateBadge state={flag.state} />
                    </td>
                    <td>
                      <VerdictWords verdict={flag.verdict} />
                    </td>
                    <td class="when">{flag.since ? <Instant at={flag.since} /> : <span class="zero">–</span>}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function SignalTable({ customer }: { customer: CustomerAnswer }) {
  const { t, format, say } = useLanguage();
  const { signal } = usePack();
  const entries = Object.entries(customer.signals);
  return (
    <Panel title={t.signals}>
      {entries.length === 0 ? (
        <Empty>{t.noSignals}</Empty>
      ) : (
        <table class="signals">
          <thead>
            <tr>
              <th scope="col">{t.signal}</th>
              <th scope="col" class="number">
                {t.value}
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([name, value]) => {
              const known = signal(name);
              return (
                <tr key={name} data-signal={name}>
                  <th scope="row">
                    {known ? say(known.description) : name} {known && <code>{name}</code>}
                  </th>
                  <td class={`number ${value === null ? 'unknown' : ''}`}>
                    {signalWords(value, known?.unit ?? '', t, format)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
