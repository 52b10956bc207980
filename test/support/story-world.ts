import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseJournal } from '#clickhouse';
import { encodeEvent, intakeTopics, topics } from '#contracts';
import type { IncidentEnvelope } from '#contracts';
import type { ActivityEvent, Clock, EpochMs } from '#domain';
import { epochMs, eventFamilies, familyOf, MINUTE, plus } from '#domain';
import type { EventLog, FeedLimits, Observation } from '#pipeline';
import { Courier, EVENT_LOG } from '#pipeline';
import type { Standalone } from './standalone.js';
import { startStandalone, until } from './standalone.js';

class SetClock implements Clock {
  constructor(public at: EpochMs) {}
  now(): EpochMs {
    return this.at;
  }
}

export interface StoryOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly feedLimits?: FeedLimits;
}

/** The whole app under a clock that is turned by hand: a past that nobody decides on any more, and what happens then. */
export class StoryWorld {
  readonly clock: SetClock;
  private readonly happenings: readonly ActivityEvent[];
  private handed = 0;
  private read = epochMs(0);
  private looks = 0;
  private dataDir: string | undefined;
  app!: Standalone;

  /** Each happening is handed over at the instant at which it is received. */
  constructor(
    beginsAt: EpochMs,
    private readonly past: readonly ActivityEvent[],
    happenings: readonly ActivityEvent[],
    private readonly options: StoryOptions = {},
  ) {
    this.clock = new SetClock(beginsAt);
    this.happenings = happenings.toSorted((a, b) => a.receivedAt - b.receivedAt);
  }

  /** With what was before: nobody decides on that any more. */
  async begin(): Promise<void> {
    this.app = await startStandalone({ clock: this.clock, roles: ['gateway', 'tracker'], env: { PACK: 'app' } });
    this.dataDir = this.app.dataDir;
    await this.hand(this.past);
    const counted = async () => ((await this.get('/v1/overview')) as { readonly events: number }).events;
    await until('the history', async () => (await counted()) === this.past.length, 120_000);
    await this.app.stop();
    await this.start();
  }

  async start(): Promise<void> {
    this.read = epochMs(0);
    this.app = await startStandalone({
      dataDir: this.dataDir!,
      clock: this.clock,
      slackMs: 0,
      env: { PACK: 'app', ...this.options.env },
      ...(this.options.feedLimits ? { feedLimits: this.options.feedLimits } : {}),
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
      while ((this.happenings[this.handed]?.receivedAt ?? next) < next) this.handed += 1;
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
