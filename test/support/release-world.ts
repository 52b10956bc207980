import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseJournal } from '#clickhouse';
import { encodeEvent, intakeTopics, topics } from '#contracts';
import type { IncidentEnvelope } from '#contracts';
import type { ActivityEvent, Clock, EpochMs, EventType, Extent } from '#domain';
import { customerId, DAY, epochMs, eventFamilies, familyOf, HOUR, MINUTE, plus, SECOND, tenantId } from '#domain';
import type { EventLog, Observation } from '#pipeline';
import { Courier, EVENT_LOG } from '#pipeline';
import { Random } from '../../libs/simulator/src/random.js';
import type { Standalone } from './standalone.js';
import { startStandalone, until } from './standalone.js';

/** A Tuesday. Half of the customers have version 5.2.0 from here on. */
export const releasedAt = epochMs(Date.UTC(2026, 2, 10, 9));
export const brokenAt = plus(releasedAt, HOUR);
export const fixedAt = plus(releasedAt, 3 * HOUR);
const historyDays = 3;
const everyMs = 15 * MINUTE;

export interface Person extends Extent {
  readonly name: string;
  /** Of those who cannot log in: whether they are there again after the fix. */
  readonly comesBack: boolean;
}

/** Sixty of them have 5.2.0 from Yingyongbao. */
export const people: readonly Person[] = Array.from({ length: 240 }, (_, n) => {
  const [platform, channel] = [
    ['android', 'yingyongbao'],
    ['android', 'baidu'],
    ['android', 'yingyongbao'],
    ['ios', 'app-store'],
  ][n % 4] as [string, string];
  const appVersion = n % 8 < 4 ? '5.2.0' : '5.1.0';
  return { name: `${channel}-${n}`, platform, channel, appVersion, comesBack: n % 3 !== 0 };
});
export const isHit = ({ appVersion, channel }: Extent): boolean => appVersion === '5.2.0' && channel === 'yingyongbao';

function anEvent(person: Person, type: EventType, at: EpochMs, amount: number | null = null): ActivityEvent {
  const { name, platform, channel } = person;
  const appVersion = at < releasedAt ? '5.1.0' : person.appVersion;
  const what = { tenant: tenantId('default'), source: 'app', type, customer: customerId(name), amount, attributes: {} };
  return { ...what, id: `${name}-${type}-${at}`, occurredAt: at, receivedAt: at, platform, channel, appVersion };
}

/** Three days in which each comes six times, buys once for ten, and hardly ever cannot log in. */
function history(): ActivityEvent[] {
  const random = new Random(510);
  return people.flatMap((person) =>
    Array.from({ length: historyDays * 6 }, (_, n) => {
      const at = plus(releasedAt, -historyDays * DAY + n * 4 * HOUR + random.whole(0, 3 * HOUR));
      const events = [anEvent(person, 'app_open', at), anEvent(person, 'login', plus(at, 5 * SECOND))];
      // Those the story is about have had no trouble before: who had is told of at the first new one.
      if (random.chance(0.02) && !isHit(person)) events.push(anEvent(person, 'login_failed', plus(at, 3 * SECOND)));
      if (n === 3) events.push(anEvent(person, 'order', plus(at, MINUTE), 10));
      return events;
    }).flat(),
  );
}

/** Everybody comes every quarter of an hour; until the fix, 5.2.0 from Yingyongbao lets nobody log in. */
function storyOf(person: Person, index: number): ActivityEvent[] {
  const first = plus(releasedAt, (index % 15) * MINUTE + 7 * SECOND);
  return Array.from({ length: 16 }, (_, n): ActivityEvent[] => {
    const at = plus(first, n * everyMs);
    if (!isHit(person) || at < brokenAt)
      return [anEvent(person, 'app_open', at), anEvent(person, 'login', plus(at, SECOND))];
    if (at >= fixedAt) return person.comesBack ? [anEvent(person, 'login', at)] : [];
    return [
      anEvent(person, 'app_open', at),
      ...[1, 2, 3].map((again) => anEvent(person, 'login_failed', plus(at, again * 10 * SECOND))),
    ];
  }).flat();
}

class SetClock implements Clock {
  at = releasedAt;
  now(): EpochMs {
    return this.at;
  }
}

/** The app stores' story: a release, a channel on which nobody can log in any more, and the fix. */
export class ReleaseWorld {
  readonly clock = new SetClock();
  private readonly happenings: readonly ActivityEvent[];
  private handed = 0;
  private read = epochMs(0);
  private looks = 0;
  private dataDir: string | undefined;
  app!: Standalone;

  /** `more`: what befalls some besides. */
  constructor(
    more: readonly (readonly [Person, EventType, EpochMs])[] = [],
    private readonly env: Readonly<Record<string, string>> = {},
  ) {
    this.happenings = [...people.flatMap(storyOf), ...more.map(([person, type, at]) => anEvent(person, type, at))].sort(
      (a, b) => a.occurredAt - b.occurredAt,
    );
  }

  /** With what was before: nobody decides on that any more. */
  async begin(): Promise<void> {
    this.app = await startStandalone({ clock: this.clock, roles: ['gateway', 'tracker'], env: { PACK: 'app' } });
    this.dataDir = this.app.dataDir;
    const past = history().filter(({ occurredAt }) => occurredAt < releasedAt);
    await this.hand(past);
    const counted = async () => ((await this.get('/v1/overview')) as { readonly events: number }).events;
    await until('the history', async () => (await counted()) === past.length, 120_000);
    await this.app.stop();
    await this.start();
  }

  async start(): Promise<void> {
    this.read = epochMs(0);
    this.app = await startStandalone({
      dataDir: this.dataDir!,
      clock: this.clock,
      slackMs: 0,
      env: { PACK: 'app', ...this.env },
      observer: (seen) => this.take(seen),
    });
  }

  private take(seen: Observation): void {
    if (seen.kind !== 'scheduled') return;
    this.looks += 1;
    this.read = plus(this.clock.now(), -seen.heldBackMs);
  }

  async go(to: EpochMs, stepMs = 5 * MINUTE): Promise<void> {
    while (this.clock.now() < to) {
      const next = epochMs(Math.min(to, this.clock.now() + stepMs));
      const from = this.handed;
      while ((this.happenings[this.handed]?.occurredAt ?? next) < next) this.handed += 1;
      await this.hand(this.happenings.slice(from, this.handed));
      this.clock.at = next;
      await until(`all is read up to ${new Date(next).toISOString()}`, () => this.read >= next, 120_000);
      const enough = this.looks + 2;
      await until('the sentinel looks', () => this.looks >= enough);
    }
  }

  private async hand(events: readonly ActivityEvent[]): Promise<void> {
    const log = this.app.app.get<EventLog>(EVENT_LOG, { strict: false });
    for (const family of eventFamilies) {
      const own = events.filter(({ type }) => familyOf(type) === family);
      if (own.length === 0) continue;
      await log.append(
        intakeTopics[family].name,
        own.map((event) => ({
          key: event.customer,
          value: encodeEvent(event),
          headers: { 'content-type': 'application/cloudevents+json' },
          timestamp: event.receivedAt,
        })),
      );
    }
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(`${this.app.url}${path}`)).json();
  }

  /** What is written on the topic. */
  async told(): Promise<readonly IncidentEnvelope[]> {
    const records = await new ClickHouseJournal(this.app.store).read(topics.incident.name, 0, 0, 1_000);
    return records.map(({ value }) => JSON.parse(Buffer.from(value!).toString()) as IncidentEnvelope);
  }

  /** Names of those about whom somebody got a mail. */
  mailed(): ReadonlySet<string> {
    const box = join(this.app.dataDir, 'mailbox');
    const mails = existsSync(box) ? readdirSync(box).map((file) => readFileSync(join(box, file), 'utf8')) : [];
    return new Set(mails.flatMap((mail) => /\/customers\/([\w-]+)/.exec(mail)?.[1] ?? []));
  }

  /** The courier has looked at all that is open. */
  async deliver(): Promise<void> {
    const courier = this.app.app.get(Courier, { strict: false });
    await courier.sweep('all');
  }

  async end(): Promise<void> {
    await this.app?.stop();
    this.app?.forget();
  }
}
