import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert, Attempt, EpochMs, Intent } from '#domain';
import { ChurnError, HOUR, plus } from '#domain';
import type { DeliveryLog, Observation, OpenPage, OpenQuestion } from '#pipeline';
import { MemoryDeliveryLog } from '#pipeline/testing';
import { anAlert, raisedAt } from '../support/an-alert.js';
import { MailTrap } from '../support/mail-trap.js';
import { status, WebhookSink } from '../support/webhook-sink.js';
import type { RunningCourier } from './courier-world.js';
import { eventually, startCourier } from './courier-world.js';

/** The outbox as one process sees it: after its death nothing of it reaches the store, and nothing comes back. */
class OneLife implements DeliveryLog {
  #isOver = false;
  /** Steps between the process and the store, in order: each write and read before it takes place, and after. */
  steps = 0;
  looks = 0;
  /** Asked before and after each step; true: the process dies here. */
  endsAt: (step: string) => boolean = () => false;
  readonly #ended: Promise<void>;
  #end: () => void = () => {};

  constructor(
    private readonly store: MemoryDeliveryLog,
    private readonly replays = true,
  ) {
    this.#ended = new Promise((resolve) => (this.#end = resolve));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  end(): void {
    this.#isOver = true;
    this.#end();
  }

  announce(intents: readonly Intent[]): Promise<void> {
    return this.#step('announce', () => this.store.announce(intents));
  }

  record(attempts: readonly Attempt[]): Promise<void> {
    return this.#step('record', () => this.store.record(attempts));
  }

  open(question: OpenQuestion): Promise<OpenPage> {
    this.looks++;
    return this.#step('open', async () => (this.replays ? this.store.open(question) : { deliveries: [], next: null }));
  }

  async #step<T>(name: string, work: () => Promise<T>): Promise<T> {
    await this.#mayDie(`before ${name}`);
    const done = await work();
    await this.#mayDie(`after ${name}`);
    return done;
  }

  async #mayDie(step: string): Promise<void> {
    this.steps++;
    if (!this.#isOver && this.endsAt(step)) this.end();
    if (this.#isOver) throw new ChurnError('STORE_UNAVAILABLE', 'nobody is there any more', { retryable: true });
  }
}

describe('a courier that is killed', () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  let trap: MailTrap;
  let sink: WebhookSink;
  let store: MemoryDeliveryLog;
  let folder: string;
  let now: EpochMs;
  let observed: Observation[];
  const running: RunningCourier[] = [];
  const begin = async (): Promise<void> => {
    trap = await new MailTrap().start();
    sink = await new WebhookSink().start();
    store = new MemoryDeliveryLog();
    now = plus(raisedAt, 1_000);
    observed = [];
  };
  const finish = async (): Promise<void> => {
    for (const courier of running.splice(0)) {
      await courier.crash();
      await courier.stop();
    }
    await trap.stop();
    await sink.stop();
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'courier-'));
    await begin();
  });
  afterEach(async () => {
    await finish();
    await rm(folder, { recursive: true });
  });

  const live = async (life: OneLife): Promise<RunningCourier> => {
    const env = {
      DATA_DIR: folder,
      SMTP_URL: trap.url,
      MAIL_FROM: 'Churnwatch <alerts@example.com>',
      WEBHOOK_URL: sink.url,
      WEBHOOK_SECRET: secret,
      WEBHOOK_ALLOW_PRIVATE: 'true',
    };
    const observer = (seen: Observation): void => void observed.push(seen);
    const courier = await startCourier(life, env, { clock: { now: () => now }, observer });
    running.push(courier);
    return courier;
  };
  const kill = async (life: OneLife, courier: RunningCourier): Promise<void> => {
    life.end();
    await courier.crash();
  };

  /** Copies that reached the far side, by their ids there. */
  const copies = (id: string): Readonly<Record<string, number>> => ({
    email: trap.mails.filter(({ parsed }) => parsed.messageId === `<${id}@example.com>`).length,
    webhook: sink.hooks.filter(({ headers }) => headers['webhook-id'] === id).length,
  });
  const channels = ['email', 'topic', 'webhook'];
  const isDelivered = (alert: Alert, channel: string): boolean =>
    store.of(alert, channel).some(({ state }) => state === 'delivered');

  /** What is wrong, in words; empty when every promise was kept. */
  function broken(alerts: readonly Alert[]): readonly string[] {
    const wrong = alerts.flatMap((alert) =>
      channels.flatMap((channel) => {
        const last = store.of(alert, channel).at(-1);
        if (last === undefined) return [`${channel} knows nothing of ${alert.id}`];
        if (last.state === 'retrying') return [`${channel} still owes ${alert.id}`];
        const none = last.state === 'delivered' && channel !== 'topic' && copies(alert.id)[channel] === 0;
        return none ? [`${channel} says that ${alert.id} arrived, and it has not`] : [];
      }),
    );
    const known = new Set(alerts.map(({ id }) => String(id)));
    const strangers = [
      ...trap.mails.map(({ parsed }) => parsed.messageId?.slice(1, 33)),
      ...sink.hooks.map(({ headers }) => headers['webhook-id']),
    ].filter((id) => !known.has(String(id)));
    return [...wrong, ...strangers.map((id) => `${String(id)} is nobody’s id`)];
  }

  /** A second process takes over, and a third finds nothing left to do. */
  async function takesOver(alerts: readonly Alert[]): Promise<void> {
    const settled = alerts.flatMap((alert) =>
      channels
        .filter((channel) => isDelivered(alert, channel))
        .map((channel) => ({ alert, channel, before: copies(alert.id)[channel] })),
    );
    const wire = (): number => trap.received + sink.hooks.length;
    const before = wire();
    now = plus(now, HOUR);
    observed = [];
    await live(new OneLife(store));
    await eventually(() => broken(alerts).length === 0);
    for (const { alert, channel, before: copiesBefore } of settled) {
      expect([channel, copies(alert.id)[channel]]).toEqual([channel, copiesBefore]);
    }
    // Whatever may have gone out twice was counted.
    for (const channel of ['email', 'webhook']) {
      const twice = alerts.reduce((sum, alert) => {
        // A receiver that said no has not had it.
        const refused = store.of(alert, channel).filter(({ mayHaveArrived }) => !mayHaveArrived).length;
        return sum + Math.max(0, copies(alert.id)[channel]! - refused - 1);
      }, 0);
      const counted = observed.filter((seen) => seen.kind === 'repeated' && seen.channel === channel).length;
      expect([channel, counted >= twice]).toEqual([channel, true]);
    }
    const after = wire();
    expect(after - before).toBeLessThanOrEqual(alerts.length * 2);

    const third = new OneLife(store);
    const courier = await live(third);
    await courier.publish(...alerts);
    await eventually(() => third.looks >= 1);
    await courier.stop();
    running.splice(running.indexOf(courier), 1);
    expect(wire()).toBe(after);
  }

  const cuts: readonly {
    readonly when: string;
    /** How the world is before, and what has to be seen for the kill to come. */
    readonly prepare: (life: OneLife) => void;
    readonly until: (life: OneLife) => Promise<unknown>;
  }[] = [
    {
      when: 'before a try is announced',
      prepare: (life) => (life.endsAt = (step) => step === 'before announce'),
      until: (life) => life.ended,
    },
    {
      when: 'once a try is announced and before it begins',
      prepare: (life) => (life.endsAt = (step) => step === 'after announce'),
      until: (life) => life.ended,
    },
    {
      when: 'before the mail server takes the mail',
      prepare: () => (trap.manners = 'mute-after-data'),
      until: () => eventually(() => trap.received > 0),
    },
    {
      when: 'after the mail server took the mail and before it says so',
      prepare: () => (trap.manners = 'keep-in-silence'),
      until: () => eventually(() => trap.mails.length > 0),
    },
    {
      when: 'before the webhook’s receiver answers',
      prepare: () => (sink.answer = () => {}),
      until: () => eventually(() => sink.hooks.length > 0),
    },
    {
      when: 'after everybody took it and before that is written down',
      prepare: (life) => (life.endsAt = (step) => step === 'before record'),
      until: (life) => life.ended.then(() => eventually(() => trap.mails.length > 0 && sink.hooks.length > 0)),
    },
    {
      when: 'between two channels',
      prepare: () => (sink.answer = () => {}),
      until: () => eventually(() => store.attempts.some(({ channel }) => channel === 'email') && sink.hooks.length > 0),
    },
    {
      when: 'while it waits to try again',
      prepare: () => {
        sink.answer = status(503);
        trap.manners = 'greylist';
      },
      until: () => eventually(() => store.attempts.filter(({ state }) => state === 'retrying').length >= 2),
    },
    {
      when: 'while it waits for a receiver that asked for patience',
      prepare: () => (sink.answer = status(429, { 'retry-after': '1800' })),
      until: () => eventually(() => store.attempts.some(({ reason }) => reason === 'throttled')),
    },
  ];

  async function killedAt({ prepare, until }: (typeof cuts)[number]): Promise<readonly Alert[]> {
    const alerts = [anAlert()];
    const life = new OneLife(store);
    prepare(life);
    const courier = await live(life);
    store.raise(...alerts);
    await courier.publish(...alerts);
    await until(life);
    await kill(life, courier);
    // The world gets well.
    trap.manners = 'accept';
    sink.answer = status(204);
    return alerts;
  }

  it.each(cuts)('$when leaves nothing undelivered, nothing delivered again that was written down', async (cut) => {
    await takesOver(await killedAt(cut));
  });

  it.each(cuts)('$when would leave something undelivered if nobody read the outbox', async (cut) => {
    const alerts = await killedAt(cut);
    now = plus(now, HOUR);
    const blind = new OneLife(store, false);
    const courier = await live(blind);
    await courier.publish(...alerts);
    await eventually(() => blind.looks >= 1);
    await courier.stop();
    running.splice(running.indexOf(courier), 1);
    expect(broken(alerts)).not.toEqual([]);
  });

  it('at any step between it and the store keeps every promise', async () => {
    let last = 0;
    for (let isWhole = false; !isWhole;) {
      last++;
      await finish();
      await begin();
      const alerts = [anAlert(), anAlert()];
      const life = new OneLife(store);
      life.endsAt = () => life.steps === last;
      store.raise(...alerts);
      const courier = await live(life);
      const isDone = (): boolean => broken(alerts).length === 0;
      await eventually(() => life.isOver || isDone());
      isWhole = !life.isOver;
      await kill(life, courier);
      await takesOver(alerts);
    }
    expect(last).toBeGreaterThan(6);
  }, 120_000);
});
