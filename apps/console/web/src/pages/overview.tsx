import type { AlertsAnswer, IncidentsAnswer, OverviewAnswer } from '#contracts';
import { usePoll } from '../live/poll.js';
import { AlertCard } from '../parts/alert.js';
import { CustomerLink, Instant, StateBadge } from '../parts/badges.js';
import { EventsChart } from '../parts/events-chart.js';
import { Incidents } from '../parts/incidents.js';
import { Loading } from '../parts/loading.js';
import { NewAlertsAnnouncer } from '../parts/new-alerts.js';
import { Empty, Panel } from '../parts/panel.js';
import { RuleTable } from '../parts/rule-table.js';
import { PageTitle } from '../parts/title.js';
import { useRuleName } from '../pack.js';
import { useLanguage } from '../texts/language.js';

const latest = 8;

export function OverviewPage() {
  const { t } = useLanguage();
  const overview = usePoll<OverviewAnswer>('v1/overview');
  const alerts = usePoll<AlertsAnswer>(`v1/alerts?limit=${latest}`);
  const incidents = usePoll<IncidentsAnswer>('v1/incidents');
  const now = overview.value;
  return (
    <>
      <PageTitle words={t.overview} aside={now && <AsOf at={now.asOf} />} />
      <Loading live={overview} />
      {now && (
        <>
          <Tiles now={now} />
          <Incidents incidents={incidents.value?.items ?? []} />
          <div class="columns">
            <Panel title={t.eventsPerDay} class="span-7">
              <EventsChart days={now.eventsPerDay} asOf={now.asOf} />
            </Panel>
            <Panel title={t.flagsByRule} class="span-5">
              <RuleTable rules={now.rules} />
            </Panel>
          </div>
        </>
      )}
      <div class="columns">
        <Panel title={t.latestAlerts} class="span-8" aside={<a href="#/alerts">{t.allAlerts}</a>}>
          <Loading live={alerts} />
          {alerts.value?.items.length === 0 && <Empty>{t.noAlerts}</Empty>}
          {alerts.value?.items.map((alert) => (
            <AlertCard key={alert.id} alert={alert} />
          ))}
          <NewAlertsAnnouncer items={alerts.value?.items ?? null} />
        </Panel>
        {now && (
          <div class="span-4 stack">
            <DeliveryTable deliveries={now.deliveries} />
            <LatestMoves moves={now.latestTransitions} />
          </div>
        )}
      </div>
    </>
  );
}

export function AsOf({ at }: { at: string }) {
  const { t, format } = useLanguage();
  return (
    <span class="quiet">
      {t.asOf(format.minute(at))} <abbr title={t.allTimesUtc}>UTC</abbr>
    </span>
  );
}

function Tiles({ now }: { now: OverviewAnswer }) {
  const { t, format } = useLanguage();
  const day = now.eventsPerDay.at(-1);
  const sent = (state: string): number =>
    now.deliveries.reduce((sum, each) => (each.state === state ? sum + each.count : sum), 0);
  const sumOf = (count: 'raised' | 'pending'): number => now.rules.reduce((sum, rule) => sum + rule[count], 0);
  const channels = new Set(now.deliveries.map(({ channel }) => channel)).size;
  const troubles = [
    sent('retrying') > 0 && t.retrying(format.count(sent('retrying'))),
    sent('given-up') > 0 && t.givenUp(format.count(sent('given-up'))),
  ].filter((words) => words !== false);
  return (
    <section aria-label={t.atAGlance}>
      <dl class="tiles">
        <Tile
          name="customers"
          label={t.customers}
          value={now.customers}
          note={day && t.activeLastDay(format.count(day.customers))}
        />
        <Tile name="events" label={t.eventsStored} value={now.events} note={day && t.today(format.count(day.count))} />
        <Tile
          name="raised"
          label={t.flagsRaised}
          value={sumOf('raised')}
          note={t.flagsPending(format.count(sumOf('pending')))}
          tone="alarm"
        />
        <Tile
          name="delivered"
          label={t.messagesDelivered}
          value={sent('delivered')}
          note={troubles.length > 0 ? troubles.join(' · ') : channels > 0 && t.throughChannels(channels)}
        />
        <Tile
          name="dead-letters"
          label={t.deadLetters}
          value={now.deadLetters}
          note={now.deadLetters === 0 ? t.nothingRefused : undefined}
          tone={now.deadLetters > 0 ? 'warn' : undefined}
        />
      </dl>
    </section>
  );
}

interface TileProps {
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly note?: string | false | undefined;
  readonly tone?: 'alarm' | 'warn' | undefined;
}

function Tile({ name, label, value, note, tone }: TileProps) {
  const { format } = useLanguage();
  return (
    <div class={`tile ${tone && value > 0 ? `tile-${tone}` : ''}`} data-tile={name}>
      <dt>{label}</dt>
      <dd>
        <b>{format.count(value)}</b>
        {note && <span class="quiet">{note}</span>}
      </dd>
    </div>
  );
}

function DeliveryTable({ deliveries }: { deliveries: OverviewAnswer['deliveries'] }) {
  const { t, format } = useLanguage();
  const channels = [...new Set(deliveries.map(({ channel }) => channel))].sort();
  const states = ['delivered', 'retrying', 'given-up'] as const;
  return (
    <Panel title={t.deliveries}>
      {channels.length === 0 ? (
        <Empty>{t.noDeliveries}</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t.channel}</th>
              {states.map((state) => (
                <th key={state} scope="col" class="number">
                  {t.deliveryStates[state]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {channels.map((channel) => (
              <tr key={channel}>
                <th scope="row">{channel}</th>
                {states.map((state) => {
                  const count = deliveries.find((each) => each.channel === channel && each.state === state)?.count ?? 0;
                  return (
                    <td key={state} class={`number ${count === 0 ? 'zero' : `count-${state}`}`}>
                      {format.count(count)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function LatestMoves({ moves }: { moves: OverviewAnswer['latestTransitions'] }) {
  const { t } = useLanguage();
  const ruleName = useRuleName();
  return (
    <Panel title={t.latestMoves}>
      {moves.length === 0 && <Empty>{t.noMoves}</Empty>}
      <ul class="moves">
        {moves.slice(0, 12).map((move) => (
          <li key={move.id}>
            <div class="move">
              <CustomerLink customer={move.customer} />
              <StateBadge state={move.from} />
              <span aria-hidden="true">→</span>
              <StateBadge state={move.to} />
            </div>
            <div class="quiet">
              {ruleName(move.rule).title} · <Instant at={move.becameDueAt} />
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
