import type { ActivityEvent, EpochMs, EventType } from '#domain';
import { DAY, epochMs, HOUR, SECOND } from '#domain';
import type { AppPlan, Person } from './app-plan.js';
import { absenceOf, versionAt, zealOf } from './app-plan.js';
import { Random } from './random.js';

/** Pages as the app names them; shared, because millions of events hold one. */
const pages = ['home', 'category', 'product', 'basket', 'account', 'help'].map((page) => Object.freeze({ page }));
const topics = ['reward not credited', 'cannot upgrade', 'payment', 'delivery'] as const;
const nothing = Object.freeze({});

/** Writes down what one customer does on one day. Days may be drawn in any order and again. */
export class DayWriter {
  private readonly random = new Random(0);
  private readonly source: string;
  private person!: Person;
  private day = 0;
  private written = 0;
  private absentFrom = 0;
  private absentUntil = 0;

  constructor(
    private readonly plan: AppPlan,
    private readonly take: (event: ActivityEvent) => void,
  ) {
    this.source = `app-base-${plan.seed}`;
  }

  write(person: Person, day: number): void {
    const from = this.plan.startAt + day * DAY;
    const until = from + DAY;
    const absence = absenceOf(person);
    if (person.joinedAt >= until || (from >= absence.from && until <= absence.until)) return;
    this.person = person;
    this.day = day;
    this.written = 0;
    this.absentFrom = absence.from;
    this.absentUntil = absence.until;
    this.random.restart(this.plan.seed, person.index, day);

    const today = (at: number): boolean => at >= from && at < until;
    if (today(person.joinedAt)) this.join(person.joinedAt);
    if (today(absence.until)) this.session(absence.until);
    this.complaints(today);
    for (let left = this.sessionCount(from); left > 0; left--) {
      const hour = person.peakHour + person.hourSpread * this.random.normal();
      const at = Math.floor(from + (((hour % 24) + 24) % 24) * HOUR);
      if (this.random.chance(this.willingness(at))) this.session(at);
    }
  }

  private sessionCount(from: number): number {
    const { random, person } = this;
    const dayNumber = Math.floor(from / DAY);
    // 1970-01-01 was a Thursday.
    const weekday = (dayNumber + 4) % 7;
    const weight = person.weekdays[weekday]!;
    switch (person.rhythm) {
      case 'several-daily':
        return random.poisson(person.sessionsPerDay * weight);
      case 'daily':
        return (random.chance(0.95) ? 1 : 0) + (random.chance(0.12 * weight) ? 1 : 0);
      case 'few-weekly':
        return random.chance(0.45 * weight) ? 1 : 0;
      case 'weekly':
        return random.chance(weekday === person.homeDay ? 0.92 : 0.02) ? 1 : 0;
      case 'fortnightly': {
        const evenWeek = Math.floor((dayNumber + 4) / 7) % 2 === 0;
        return random.chance(weekday === person.homeDay && evenWeek === person.evenWeeks ? 0.95 : 0.005) ? 1 : 0;
      }
    }
  }

  /** What part of the usual sessions a customer still opens at an instant. */
  private willingness(at: number): number {
    const { story, discouraged } = this.person;
    let part = zealOf(story, at);
    if (discouraged && at >= discouraged.at && at < discouraged.until!) part *= 0.25;
    return part;
  }

  private join(at: number): void {
    if (this.person.platform === 'web') return this.session(at);
    this.emit('app_install', at);
    this.session(at + 20 * SECOND);
  }

  private complaints(today: (at: number) => boolean): void {
    const { story, index } = this.person;
    if (story?.kind !== 'complaint-left-open' && story?.kind !== 'complaint-closed') return;
    // The service desk does not know which app the customer has.
    const attributes = { complaint: `complaint-${index + 1}`, topic: topics[index % topics.length] };
    if (today(story.at)) this.emit('complaint_opened', story.at, null, attributes, false);
    if (story.until !== null && today(story.until)) this.emit('complaint_closed', story.until, null, attributes, false);
  }

  private session(startsAt: number): void {
    const { random, person } = this;
    let at = startsAt;
    const web = person.platform === 'web';
    this.emit(web ? 'session_start' : 'app_open', at);
    const troubled = person.story?.kind === 'login-trouble' && at >= person.story.at && at < person.story.until!;
    const failures = troubled ? random.whole(2, 4) : random.chance(0.01) ? 1 : 0;
    for (let i = 0; i < failures; i++) this.emit('login_failed', (at += random.whole(5_000, 25_000)));
    if (troubled && random.chance(0.6)) return;
    if (!web) this.emit('session_start', (at += random.whole(800, 3_000)));
    if (random.chance(0.3) || failures > 0) this.emit('login', (at += random.whole(2_000, 9_000)));
    const crashAt = at + random.whole(1_000, 40_000);
    if (!web && random.chance(this.crashes(crashAt) ? 0.6 : 0.004)) return this.emit('crash', crashAt);
    for (let left = random.whole(1, 5); left > 0; left--) {
      this.emit('page_view', (at += random.whole(8_000, 90_000)), null, random.pick(pages));
      if (random.chance(0.15)) this.emit('search', (at += random.whole(4_000, 30_000)));
    }
    if (random.chance(person.orderShare)) this.order(at + random.whole(10_000, 120_000));
  }

  private crashes(at: number): boolean {
    const { crash } = this.plan.truth;
    if (!crash || at < crash.from || at >= crash.until) return false;
    return this.person.platform === crash.platform && this.versionAt(at) === crash.appVersion;
  }

  private versionAt(at: number): string {
    return versionAt(this.person, this.plan.truth.releases, at);
  }

  private order(at: number): void {
    const { story, spendLevel } = this.person;
    const part = story?.kind === 'spend-drop' && at >= story.at ? 0.25 : 1;
    const worth = spendLevel * part * Math.exp(0.3 * this.random.normal());
    this.emit('order', at, Math.max(1, Math.round(worth * 100)) / 100, { items: this.random.whole(1, 6) });
  }

  private emit(
    type: EventType,
    at: number,
    amount: number | null = null,
    attributes: Readonly<Record<string, unknown>> = nothing,
    fromApp = true,
  ): void {
    const { person, plan } = this;
    const id = `${person.index + 1}-${this.day}-${this.written++}`;
    if (at < person.joinedAt || at < plan.startAt || at >= plan.endAt) return;
    if (at >= this.absentFrom && at < this.absentUntil) return;
    const occurredAt: EpochMs = epochMs(at);
    this.take({
      tenant: plan.tenant,
      id,
      source: this.source,
      type,
      customer: person.customer,
      occurredAt,
      receivedAt: occurredAt,
      amount,
      platform: fromApp ? person.platform : '',
      channel: fromApp ? person.channel : '',
      appVersion: fromApp ? this.versionAt(at) : '',
      attributes,
    });
  }
}
