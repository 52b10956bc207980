import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeEvent, intakeTopics } from '#contracts';
import type { ActivityEvent, Clock, EpochMs } from '#domain';
import { customerId, epochMs, eventFamilies, familyOf, HOUR, MINUTE, plus, SECOND, tenantId } from '#domain';
import type { FeedLimits, Observation } from '#pipeline';
import { EVENT_LOG, noFeedVouches } from '#pipeline';
import type { EventLog } from '#pipeline';
import type { RoleName } from '../../apps/standalone/src/start-roles.js';
import { Random } from '../../libs/simulator/src/random.js';
import type { ExpectedMove } from './oracle.js';
import { expectedMoves } from './oracle.js';
import type { Standalone } from './standalone.js';
import { startStandalone, until } from './standalone.js';
import { storedMoves } from './stored-moves.js';

const tenant = tenantId('default');
/** Sources have been heard for a day when the story begins. */
export const beginsAt = epochMs(Date.UTC(2026, 2, 2, 9));
const historyMs = 25 * HOUR;
const silenceHours = 4;
const customers = 48;
export const limits: FeedLimits = { vouchesFromPerHour: 10, settleMs: 5 * SECOND };

/** Something that happened, and when its sender got it through. */
export interface Happening {
  readonly event: ActivityEvent;
  readonly arrivesAt: EpochMs;
}

class SetClock implements Clock {
  constructor(private at: EpochMs) {}
  now(): EpochMs {
    return this.at;
  }
  set(at: EpochMs): void {
    this.at = at;
  }
}

const isFiring = (move: ExpectedMove): boolean => move.to === 'firing';
const nameOf = (move: ExpectedMove): string => `${move.customer} ${new Date(move.becameDueAt).toISOString()}`;

/** One rule: silent for four hours. */
function aPack(): string {
  const folder = mkdtempSync(join(tmpdir(), 'churnwatch-pack-'));
  const inBoth = (text: string) => `{ en: '${text}', zh: '${text}' }`;
  writeFileSync(join(folder, 'pack.yaml'), `name: quiet\ntitle: ${inBoth('Quiet')}\n`);
  writeFileSync(
    join(folder, 'signals.yaml'),
    `signals:
  silent_days: { kind: silence, events: engagement, unit: days, description: ${inBoth('Silent')} }
`,
  );
  writeFileSync(
    join(folder, 'rules.yaml'),
    `rules:
  - id: quiet
    title: ${inBoth('Quiet')}
    owner: care@example.com
    severity: high
    reason: silent_beyond_rhythm
    playbook: call
    guard: silent_days >= 0.0
    enter: silent_days > ${silenceHours / 24}
    exit: silent_days < ${silenceHours / 24}
    cooldown: 1ms
    evidence: [silent_days]
    text: ${inBoth('Silent for {{ silent_days }} days')}
`,
  );
  writeFileSync(
    join(folder, 'playbooks.yaml'),
    `playbooks:
  - { id: call, title: ${inBoth('Call')}, action: ${inBoth('Call')}, owner: care@example.com, due_within: 1d }
`,
  );
  return folder;
}

/**
 * Lives of customers of two feeds, `shop` and `web`, from a day before `beginsAt` on: each does something every one to
 * three hours, one in six goes for good after the beginning, and one in six stays away for a while and comes back.
 */
function lives(endAt: EpochMs): ActivityEvent[] {
  const events: ActivityEvent[] = [];
  for (let n = 0; n < customers; n++) {
    // Each has their own, so that a longer story begins like a shorter one.
    const random = new Random(20_260_302, n);
    const customer = customerId(`customer-${n}`);
    const source = n % 2 === 0 ? 'shop' : 'web';
    const awayFrom = n % 3 === 0 ? plus(beginsAt, random.whole(0, 300) * MINUTE) : endAt;
    const awayUntil = n % 6 === 0 ? endAt : plus(awayFrom, random.whole(250, 480) * MINUTE);
    let at = plus(beginsAt, -historyMs + random.whole(0, 60) * MINUTE);
    for (let count = 0; at < endAt; count++) {
      if (at < awayFrom || at >= awayUntil) {
        events.push({
          tenant,
          id: `${customer}-${count}`,
          source,
          type: count % 2 === 0 ? 'app_open' : 'order',
          customer,
          occurredAt: at,
          receivedAt: at,
          amount: null,
          platform: '',
          channel: '',
          appVersion: '',
          attributes: {},
        });
      }
      at = plus(at, random.whole(60, 180) * MINUTE + random.whole(0, 60_000));
    }
  }
  return events.sort((a, b) => a.occurredAt - b.occurredAt);
}

/** When everything arrives; by default a moment after it happened. */
export type Delivery = (event: ActivityEvent) => EpochMs;
export const atOnce: Delivery = (event) => plus(event.occurredAt, 200);

let history: Promise<string> | undefined;
const folders: string[] = [];

/** A folder in which both feeds have been heard for a day. */
async function aDayOfHistory(env: Readonly<Record<string, string>>): Promise<string> {
  const clock = new SetClock(beginsAt);
  const app = await startStandalone({ clock, roles: ['gateway', 'tracker'], env: { PACK: aPack(), ...env } });
  const before = lives(plus(beginsAt, 1)).filter((event) => atOnce(event) < beginsAt);
  await hand(
    app,
    before.map((event) => ({ event, arrivesAt: atOnce(event) })),
  );
  await until(
    'the history',
    async () => {
      const { events } = (await (await fetch(`${app.url}/v1/overview`)).json()) as { events: number };
      return events === before.length;
    },
    120_000,
  );
  await app.stop();
  folders.push(app.dataDir);
  return app.dataDir;
}

/** Without Kafka it is the same for all: made once, then copied. */
async function copyOfHistory(): Promise<string> {
  history ??= aDayOfHistory({});
  const dataDir = mkdtempSync(join(tmpdir(), 'churnwatch-absence-'));
  folders.push(dataDir);
  cpSync(await history, dataDir, { recursive: true });
  return dataDir;
}

async function hand(app: Standalone, arrivals: readonly Happening[]): Promise<void> {
  const log = app.app.get<EventLog>(EVENT_LOG, { strict: false });
  for (const family of eventFamilies) {
    const own = arrivals.filter(({ event }) => familyOf(event.type) === family);
    if (own.length === 0) continue;
    await log.append(
      intakeTopics[family].name,
      own.map(({ event, arrivesAt }) => ({
        key: event.customer,
        value: encodeEvent({ ...event, receivedAt: arrivesAt }),
        headers: { 'content-type': 'application/cloudevents+json' },
        timestamp: arrivesAt,
      })),
    );
  }
}

export interface WorldOptions {
  /** How long the story goes on. */
  readonly hours?: number;
  readonly delivery?: Delivery;
  readonly env?: Readonly<Record<string, string>>;
  /** False: whatever time it is, everybody unheard of is taken for absent. */
  readonly isGated?: boolean;
}

/** The real app under a clock that a story sets, with the events of `lives` arriving as `delivery` says. */
export class AbsenceWorld {
  readonly clock = new SetClock(beginsAt);
  readonly seen: Observation[] = [];
  private readonly happenings: readonly Happening[];
  private readonly endAt: EpochMs;
  private readonly pack = aPack();
  private handed = 0;
  private read: EpochMs = epochMs(0);
  private looks = 0;
  app!: Standalone;

  private constructor(
    private readonly dataDir: string,
    private readonly options: WorldOptions,
  ) {
    this.endAt = plus(beginsAt, (options.hours ?? 12) * HOUR);
    const delivery = options.delivery ?? atOnce;
    this.happenings = lives(this.endAt)
      .filter((event) => atOnce(event) >= beginsAt)
      .map((event) => ({ event, arrivesAt: delivery(event) }))
      .sort((a, b) => a.arrivesAt - b.arrivesAt);
  }

  static async prepared(options: WorldOptions = {}): Promise<AbsenceWorld> {
    const { env = {} } = options;
    const dataDir = await ('KAFKA_BROKERS' in env ? aDayOfHistory(env) : copyOfHistory());
    return new AbsenceWorld(dataDir, options);
  }

  async start(roles?: readonly RoleName[]): Promise<void> {
    this.read = epochMs(0);
    this.app = await startStandalone({
      dataDir: this.dataDir,
      clock: this.clock,
      slackMs: 0,
      env: { PACK: this.pack, ALERT_TTL_DAYS: '400', ...this.options.env },
      feedLimits: this.options.isGated === false ? noFeedVouches : limits,
      observer: (observation) => this.take(observation),
      ...(roles ? { roles } : {}),
    });
  }

  stop(): Promise<void> {
    return this.app.stop();
  }

  private take(observation: Observation): void {
    if (observation.kind !== 'scheduled') {
      this.seen.push(observation);
      return;
    }
    this.looks += 1;
    this.read = plus(this.clock.now(), -observation.heldBackMs);
  }

  /** Hands over what arrives up to then, and waits until the sentinel knows that it is read. */
  async go(toHour: number, { everyMinutes = 30, untilRead = true } = {}): Promise<void> {
    const to = plus(beginsAt, toHour * HOUR);
    while (this.clock.now() < to) {
      const next = epochMs(Math.min(to, this.clock.now() + everyMinutes * MINUTE));
      await this.arrive(next);
      this.clock.set(next);
      if (untilRead) await this.untilRead(next);
      else await this.someLooks();
    }
  }

  /** Only the log takes it in. */
  async arrive(upTo: EpochMs): Promise<void> {
    const from = this.handed;
    while ((this.happenings[this.handed]?.arrivesAt ?? upTo) < upTo) this.handed += 1;
    if (this.handed > from) await hand(this.app, this.happenings.slice(from, this.handed));
  }

  async untilRead(at: EpochMs): Promise<void> {
    await until(`everything up to ${new Date(at).toISOString()} is read`, () => this.read >= at, 150_000);
    await this.someLooks();
  }

  /** The sentinel has had every chance to decide wrongly. */
  async someLooks(): Promise<void> {
    const enough = this.looks + 6;
    await until('the sentinel looks', () => this.looks >= enough, 60_000);
  }

  expected(upTo: EpochMs = this.clock.now()): readonly ExpectedMove[] {
    const all = lives(this.endAt).filter((event) => event.occurredAt <= upTo);
    return expectedMoves(all, this.app.pack, tenant, upTo);
  }

  async moves(): Promise<readonly ExpectedMove[]> {
    return storedMoves(this.app.store);
  }

  /** Alerts of absence that the customers never gave cause for. */
  async falseAlerts(): Promise<readonly string[]> {
    const right = new Set(this.expected(this.endAt).filter(isFiring).map(nameOf));
    return (await this.moves())
      .filter(isFiring)
      .map(nameOf)
      .filter((name) => !right.has(name));
  }

  /** Alerts that are due by then and were not raised. */
  async missing(upTo: EpochMs): Promise<readonly string[]> {
    const raised = new Set((await this.moves()).filter(isFiring).map(nameOf));
    return this.expected(upTo)
      .filter(isFiring)
      .map(nameOf)
      .filter((name) => !raised.has(name));
  }

  /** How many absences truly fell due in between. */
  due(fromHour: number, toHour: number): number {
    const from = plus(beginsAt, fromHour * HOUR);
    return this.expected(plus(beginsAt, toHour * HOUR)).filter((move) => isFiring(move) && move.becameDueAt > from)
      .length;
  }

  /** Customers whose flag does not stand as their events have it by now. */
  async wronglyFlagged(): Promise<readonly string[]> {
    const wrong: string[] = [];
    const should = new Map(this.expected().map((move) => [move.customer as string, move.to as string]));
    for (let n = 0; n < customers; n++) {
      const id = `customer-${n}`;
      const answer = await fetch(`${this.app.url}/v1/customers/${id}`);
      const { flags } = (await answer.json()) as { flags: { state: string }[] };
      const state = flags[0]!.state === 'retracted' ? 'clear' : flags[0]!.state;
      if (state !== (should.get(id) ?? 'clear')) wrong.push(`${id} is ${state}`);
    }
    return wrong;
  }

  /** False alerts that were not taken back; one whose episode truly came about, at another instant, stands. */
  async standing(): Promise<readonly string[]> {
    const takenBack = new Set(
      (await this.moves())
        .filter(({ to }) => to === 'retracted')
        .map(({ customer, episode }) => `${customer} ${episode}`),
    );
    const expected = this.expected(this.endAt).filter(isFiring);
    const right = new Set(expected.map(nameOf));
    const trulyAbsent = new Set(expected.map(({ customer }) => customer));
    return (await this.moves())
      .filter((move) => isFiring(move) && !right.has(nameOf(move)) && !trulyAbsent.has(move.customer))
      .map(({ customer, episode }) => `${customer} ${episode}`)
      .filter((episode) => !takenBack.has(episode));
  }
}

export function forgetWorlds(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  history = undefined;
}
