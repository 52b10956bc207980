import type { Pack } from '#domain';
import { isoOf } from '#domain';
import type { AlertView, Overview } from '#pipeline';
import type { EventFeed } from '#simulator';
import type { Tally } from './tally.js';
import { quantile } from './tally.js';

export interface ReportParts {
  readonly feed: EventFeed;
  readonly pack: Pack;
  readonly tally: Tally;
  readonly overview: Overview;
  readonly alerts: readonly AlertView[];
  readonly tookMs: number;
  readonly speed: number;
  readonly url: string;
  /** False when the process is about to end by itself. */
  readonly keepsServing: boolean;
}

const number = (value: number): string => Math.round(value).toLocaleString('en');

/** Says what happened; false when the main job was not done. */
export function report(parts: ReportParts): boolean {
  const { feed, tally, overview, tookMs, speed } = parts;
  const failures = shortcomings(parts);
  const delay = (share: number): string => {
    const value = quantile(tally.delaysMs, share);
    return value === null ? 'none' : `${number(value / speed)} ms`;
  };
  const isMuted = (id: string): boolean => parts.pack.rules.some((rule) => rule.id === id && rule.muted !== null);
  const lines = [
    '',
    `What happened in ${number((feed.endAt - feed.startAt) / 86_400_000)} days, replayed in ${(tookMs / 1000).toFixed(1)} s (${number((tally.admitted / tookMs) * 1000)} events/s)`,
    '',
    `  events admitted      ${number(tally.admitted)}`,
    `  dead-lettered        ${number(overview.deadLetters)}`,
    `  customers tracked    ${number(overview.customers)}`,
    '',
    `  ${'rule'.padEnd(26)}${'raised'.padStart(8)}${'cleared'.padStart(9)}${'now raised'.padStart(12)}`,
    ...overview.rules.map(
      (rule) =>
        `  ${rule.rule.padEnd(26)}${number(rule.firedTotal).padStart(8)}${number(rule.clearedTotal).padStart(9)}${number(rule.raised).padStart(12)}${isMuted(rule.rule) ? '  muted' : ''}`,
    ),
    '',
    `  alerts delivered     ${[...tally.delivered].map(([channel, count]) => `${channel} ${number(count)}`).join(', ') || 'none'}`,
    `  detection delay      p50 ${delay(0.5)}, p99 ${delay(0.99)} (from the instant a flag became due to its decision, wall clock;`,
    `                       the replayed clock ran ${number(speed)} times faster)`,
    '',
    'Three of the alerts, as their readers get them:',
    ...samples(parts).flatMap((sample) => ['', ...sample]),
    '',
    ...failures.map((failure) => `NOT DONE: ${failure}`),
    ...(failures.length > 0 ? [''] : []),
  ];
  process.stdout.write(lines.join('\n'));
  if (failures.length === 0 && parts.keepsServing) {
    process.stdout.write(
      `Still serving: ${parts.url} (console), ${parts.url}/docs (API), ${parts.url}/mailbox (mail). Ctrl-C ends it.\n`,
    );
  }
  return failures.length === 0;
}

function shortcomings({ feed, pack, tally, overview }: ReportParts): string[] {
  const failures: string[] = [];
  const told = tally.raisedBy(pack.rules.filter(({ muted }) => muted === null).map(({ id }) => id));
  if (tally.admitted !== feed.total)
    failures.push(`${number(feed.total)} events were to be admitted, ${number(tally.admitted)} were`);
  if (overview.events + overview.deadLetters !== feed.total) {
    failures.push(
      `the store holds ${number(overview.events)} events and ${number(overview.deadLetters)} dead letters of ${number(feed.total)}`,
    );
  }
  if (told === 0) failures.push('no alert was raised');
  for (const channel of ['email', 'topic']) {
    const delivered = tally.delivered.get(channel) ?? 0;
    if (delivered !== told)
      failures.push(`${number(told)} alerts were raised, ${channel} delivered ${number(delivered)}`);
  }
  return failures;
}

/** The newest alert of each of three rules, or of as many as fired. */
function samples({ alerts }: ReportParts): string[][] {
  const rules = [...new Set(alerts.map(({ alert }) => alert.rule))];
  const first = rules.flatMap((rule) => alerts.filter(({ alert }) => alert.rule === rule).slice(0, 1));
  const chosen = [...first, ...alerts.filter((view) => !first.includes(view))].slice(0, 3);
  return chosen.map(({ alert }) => [
    `  ${alert.title.en} (${alert.title.zh}): ${alert.customer}`,
    `    Why   ${alert.text.en}`,
    `          ${alert.text.zh}`,
    `    Do    ${alert.playbook.title.en}: ${alert.playbook.action.en}`,
    `    Who   ${alert.playbook.owner}, by ${isoOf(alert.playbook.dueAt).slice(0, 16).replace('T', ' ')} UTC`,
    `    When  became due ${isoOf(alert.becameDueAt).slice(0, 19).replace('T', ' ')} UTC`,
  ]);
}
