import type { Alert, DeliveryResult } from '#domain';
import { alertId, customerId, DAY, epochMs, HOUR, MINUTE, retryScheduleMs, ruleId, SECOND, tenantId } from '#domain';
import type { CourierLimits, CourierParts } from './deliver.js';
import { Courier } from './deliver.js';
import type { Channel } from '../ports/channel.js';
import type { Observation } from '../ports/observer.js';
import { HandTurnedTime } from '../testing/hand-turned-time.js';
import { MemoryDeliveryLog } from '../testing/memory-delivery-log.js';

const t0 = epochMs(Date.UTC(2017, 2, 7, 9));
const arrived: DeliveryResult = { kind: 'delivered', receipt: 'thanks' };
const later = (afterMs?: number): DeliveryResult => ({
  kind: 'retry',
  reason: afterMs === undefined ? 'server-error' : 'throttled',
  detail: 'HTTP 503',
  ...(afterMs === undefined ? {} : { afterMs }),
});

/** Tells of one alert, not of the endpoint. */
const deferred: DeliveryResult = { kind: 'retry', reason: 'deferred', detail: 'SMTP 451' };

const anAlert = (id: string, over: Partial<Alert> = {}): Alert => ({
  id: alertId(id),
  kind: 'alert',
  retracts: null,
  tenant: tenantId('t'),
  customer: customerId(`customer-${id}`),
  rule: ruleId('silent'),
  ruleVersion: 'r1',
  episode: 1,
  severity: 'high',
  reason: 'silence',
  title: { en: 'Gone quiet', zh: '沉默' },
  text: { en: 'no visit for 9 d', zh: '已 9 天未访问' },
  playbook: {
    id: 'call',
    title: { en: 'Call', zh: '致电' },
    action: { en: 'Call', zh: '致电' },
    owner: 'o',
    dueAt: t0,
  },
  evidence: { silent_days: 9 },
  becameDueAt: t0,
  detectedAt: t0,
  ...over,
});

/** Answers with what the test laid down, then with `arrived`. */
class ScriptedChannel implements Channel {
  readonly seen: string[] = [];
  underWay = 0;
  mostUnderWay = 0;
  script: (alert: Alert, attempt: number) => DeliveryResult | Promise<DeliveryResult> = () => arrived;
  constructor(readonly name: string) {}
  async deliver(alert: Alert): Promise<DeliveryResult> {
    this.seen.push(alert.id);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      return await this.script(alert, this.seen.filter((id) => id === alert.id).length);
    } finally {
      this.underWay--;
    }
  }
  async close(): Promise<void> {}
}

function aCourier(over: Partial<CourierParts> & { limits?: Partial<CourierLimits>; now?: number } = {}) {
  const { limits, now, ...parts } = over;
  const time = new HandTurnedTime(epochMs(now ?? t0));
  const log = new MemoryDeliveryLog();
  const mail = new ScriptedChannel('email');
  const observed: Observation[] = [];
  const build = (): Courier =>
    new Courier(
      {
        channels: [mail],
        log,
        clock: time,
        scheduler: time,
        random: () => 0.5,
        observer: (observation) => observed.push(observation),
        ...parts,
      },
      { concurrency: 5, ttlMs: 7 * DAY, queue: 1_000, ...limits },
    );
  const raise = (...ids: string[]): Alert[] => {
    const alerts = ids.map((id) => anAlert(id, { detectedAt: time.now() }));
    log.raise(...alerts);
    return alerts;
  };
  return { time, log, mail, observed, build, courier: build(), raise };
}

const never = new AbortController().signal;
const gate = () => {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), passed };
};

describe('the courier', () => {
  it('delivers an alert through each channel and writes down every try', async () => {
    const hook = new ScriptedChannel('webhook');
    const mail = new ScriptedChannel('email');
    const { courier, raise, log, time, observed } = aCourier({ channels: [mail, hook] });
    const [alert] = raise('a');
    await courier.nudge([alert!]);
    await time.advance('0s');
    expect([mail.seen, hook.seen]).toEqual([['a'], ['a']]);
    expect(log.of(alert!, 'email')).toEqual([
      {
        tenant: 't',
        alert: 'a',
        channel: 'email',
        number: 1,
        state: 'delivered',
        reason: null,
        detail: 'thanks',
        at: t0,
        retryAt: null,
        mayHaveArrived: true,
      },
    ]);
    expect(observed).toContainEqual({
      kind: 'attempted',
      channel: 'webhook',
      state: 'delivered',
      reason: null,
      tookMs: 0,
    });
  });

  it('tries again by the schedule and gives up after its last wait', async () => {
    const { courier, raise, log, mail, time } = aCourier();
    mail.script = () => later();
    const [alert] = raise('a');
    await courier.nudge([alert!]);
    await time.advance('4d');
    const tries = log.of(alert!, 'email');
    const due = retryScheduleMs.reduce((at, wait) => [...at, at.at(-1)! + wait], [t0 as number]);
    expect(tries.map(({ at }) => at)).toEqual(due);
    expect(tries.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(tries.at(-1)).toMatchObject({ state: 'given-up', reason: 'exhausted', retryAt: null });
    expect(tries.at(-1)!.detail).toMatch(/tried 10 times.*HTTP 503/);
    expect(courier.load()).toEqual({ email: { ready: 0, waiting: 0, underWay: 0 } });
  });

  it('gives up an alert that is too old without trying it', async () => {
    const { courier, raise, log, mail, time } = aCourier();
    const [alert] = raise('a');
    await time.advance('8d');
    await courier.sweep();
    await time.advance('0s');
    expect(mail.seen).toEqual([]);
    expect(log.of(alert!, 'email')).toMatchObject([{ number: 1, state: 'given-up', reason: 'expired' }]);
  });

  it('gives up when the next try would come too late', async () => {
    const { courier, raise, log, mail, time } = aCourier({ limits: { ttlMs: 2 * MINUTE } });
    mail.script = () => later();
    const [alert] = raise('a');
    await courier.nudge([alert!]);
    await time.advance('1h');
    expect(log.of(alert!, 'email').map(({ state }) => state)).toEqual(['retrying', 'given-up']);
  });

  it('comes neither before a receiver wants it nor later than a day because of it', async () => {
    const { courier, raise, log, mail, time } = aCourier();
    mail.script = (alert, attempt) => (attempt > 1 ? arrived : later(alert.id === 'a' ? 90 * SECOND : 90 * DAY));
    const [a] = raise('a');
    await courier.nudge([a!]);
    await time.advance('10m');
    const [b] = raise('b');
    await courier.nudge([b!]);
    await time.advance('0s');
    expect(log.of(a!, 'email').map(({ at }) => at - t0)).toEqual([0, 90 * SECOND]);
    expect(log.of(b!, 'email')[0]!.retryAt).toBe(t0 + 10 * MINUTE + 24 * HOUR);
  });

  it('lets a throttled channel rest altogether', async () => {
    const { courier, raise, mail, time } = aCourier({ limits: { concurrency: 1 } });
    mail.script = (_, attempt) => (attempt === 1 && mail.seen.length === 1 ? later(60 * SECOND) : arrived);
    await courier.nudge(raise('a', 'b', 'c'));
    await time.advance('59s');
    expect(mail.seen).toEqual(['a']);
    await time.advance('2s');
    expect(mail.seen.toSorted()).toEqual(['a', 'a', 'b', 'c']);
  });

  it('spreads retries', async () => {
    const waits = new Set<number>();
    for (const random of [0, 0.5, 0.999]) {
      const { courier, raise, log, mail, time } = aCourier({ random: () => random });
      mail.script = () => later();
      await courier.nudge(raise('a'));
      await time.advance('0s');
      waits.add(log.attempts[0]!.retryAt! - t0);
    }
    expect([...waits]).toEqual([4_000, 5_000, 5_998]);
  });

  it('takes an alert once although nudge and sweep both bring it', async () => {
    const { courier, raise, mail, time } = aCourier();
    const held = gate();
    mail.script = () => held.passed.then(() => arrived);
    const alerts = raise('a');
    await Promise.all([courier.nudge(alerts), courier.sweep(), courier.nudge(alerts)]);
    await courier.sweep();
    held.open();
    await time.advance('1m');
    await courier.nudge(alerts);
    await courier.sweep();
    await time.advance('1m');
    expect(mail.seen).toEqual(['a']);
  });

  it('is not misled by a reading of the outbox that the delivery overtook', async () => {
    const { courier, raise, log, mail, time } = aCourier();
    const [alert] = raise('a');
    const delivery = gate();
    const reading = gate();
    mail.script = () => delivery.passed.then(() => arrived);
    await courier.nudge([alert!]);
    const readAhead = log.open.bind(log);
    log.open = async (question) => {
      const open = await readAhead(question);
      await reading.passed;
      return open;
    };
    const sweep = courier.sweep();
    await time.advance('0s');
    delivery.open();
    await time.advance('0s');
    expect(log.of(alert!, 'email')).toHaveLength(1);
    reading.open();
    await sweep;
    await time.advance('1m');
    expect(mail.seen).toEqual(['a']);
  });

  it('delivers nothing again after a restart that was recorded as delivered', async () => {
    const { courier, build, raise, mail, time } = aCourier();
    const alerts = raise('a');
    await courier.nudge(alerts);
    await time.advance('0s');
    await courier.drain(never);
    const next = build();
    await next.sweep();
    await next.nudge(alerts);
    await time.advance('1h');
    expect(mail.seen).toEqual(['a']);
  });

  it('repeats after a restart, under the same id, what nobody wrote down', async () => {
    const { courier, build, raise, log, mail, time, observed } = aCourier();
    const alerts = raise('a');
    log.record = () => new Promise(() => {});
    await courier.nudge(alerts);
    await time.advance('0s');
    await courier.drain(AbortSignal.abort());
    expect(log.attempts).toEqual([]);
    log.record = MemoryDeliveryLog.prototype.record;
    await build().sweep();
    await time.advance('0s');
    expect(mail.seen).toEqual(['a', 'a']);
    expect(log.of(alerts[0]!, 'email')).toMatchObject([{ number: 2, state: 'delivered' }]);
    expect(observed).toContainEqual({ kind: 'repeated', channel: 'email' });
  });

  it('goes on counting tries after a restart and keeps to the time written down', async () => {
    const { courier, build, raise, log, mail, time } = aCourier();
    mail.script = (_, attempt) => (attempt < 3 ? later() : arrived);
    const [alert] = raise('a');
    await courier.nudge([alert!]);
    await time.advance('6s');
    await courier.drain(never);
    await build().sweep();
    await time.advance('10m');
    expect(log.of(alert!, 'email').map(({ number, at }) => [number, at - t0])).toEqual([
      [1, 0],
      [2, 5 * SECOND],
      [3, 5 * SECOND + 5 * MINUTE],
    ]);
  });

  it('keeps what arrived in mind until the store is back, and sends it once', async () => {
    const { courier, raise, log, mail, time } = aCourier();
    const delivery = gate();
    mail.script = () => delivery.passed.then(() => arrived);
    const [alert] = raise('a');
    await courier.nudge([alert!]);
    log.away = true;
    delivery.open();
    await time.advance('30s');
    expect(log.attempts).toEqual([]);
    await expect(courier.sweep()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    log.away = false;
    await courier.sweep();
    await time.advance('30s');
    expect(log.of(alert!, 'email')).toHaveLength(1);
    expect(mail.seen).toEqual(['a']);
  });

  it('never has more under way than allowed, and a stuck channel holds up no other', async () => {
    const stuck = new ScriptedChannel('stuck');
    const quick = new ScriptedChannel('quick');
    stuck.script = () => new Promise(() => {});
    const { courier, raise, time } = aCourier({ channels: [stuck, quick], limits: { concurrency: 3 } });
    const ids = Array.from({ length: 50 }, (_, n) => `a${String(n).padStart(2, '0')}`);
    await courier.nudge(raise(...ids));
    await time.advance('1s');
    expect(quick.seen).toEqual(ids);
    expect(quick.mostUnderWay).toBeLessThanOrEqual(3);
    expect(stuck.seen).toHaveLength(3);
    const hurry = new AbortController();
    const drained = courier.drain(hurry.signal);
    hurry.abort();
    await drained;
  });

  it('holds a bounded number in memory and gets the rest from the outbox later', async () => {
    const { courier, raise, mail, time } = aCourier({ limits: { queue: 4, concurrency: 1 } });
    const held = gate();
    mail.script = () => held.passed.then(() => arrived);
    await courier.nudge(raise(...Array.from({ length: 20 }, (_, n) => `a${n}`)));
    expect(courier.load()['email']!.ready).toBeLessThanOrEqual(4);
    held.open();
    for (let round = 0; round < 5; round++) {
      await time.advance('1s');
      await courier.sweep();
    }
    await time.advance('1s');
    expect(new Set(mail.seen).size).toBe(20);
    expect(mail.seen).toHaveLength(20);
  });

  it('holds a bounded number of retries too, and loses none', async () => {
    const { courier, raise, log, mail, time } = aCourier({ limits: { queue: 4 } });
    mail.script = (_, attempt) => (attempt === 1 ? deferred : arrived);
    for (let n = 0; n < 12; n++) await courier.nudge(raise(`a${n}`));
    await time.advance('1s');
    expect(courier.load()['email']!.waiting).toBe(4);
    await time.advance('10s');
    for (let round = 0; round < 4; round++) {
      await courier.sweep();
      await time.advance('10s');
    }
    expect(log.attempts.filter(({ state }) => state === 'delivered')).toHaveLength(12);
    expect(mail.seen).toHaveLength(24);
  });

  it('survives a channel that throws, and keeps its message to itself', async () => {
    const { courier, raise, log, mail, time } = aCourier();
    mail.script = () => Promise.reject(new RangeError('secret=hunter2'));
    const [alert] = raise('a');
    await courier.nudge([alert!]);
    await time.advance('0s');
    expect(log.of(alert!, 'email')).toMatchObject([{ state: 'retrying', reason: 'unreachable' }]);
    expect(JSON.stringify(log.attempts)).not.toContain('hunter2');
  });

  it('keeps line breaks and long speeches of the far side out of the log', async () => {
    const { courier, raise, log, mail, time } = aCourier();
    mail.script = () => ({ kind: 'give-up', reason: 'rejected', detail: `no\r\nFake-Log: line${'x'.repeat(5_000)}` });
    await courier.nudge(raise('a'));
    await time.advance('0s');
    expect(log.attempts[0]!.detail).toMatch(/^no Fake-Log: linex+$/);
    expect(log.attempts[0]!.detail).toHaveLength(300);
  });

  it('leaves alone what another courier answers for, also when that changes before a retry', async () => {
    const mine = new Set(['a', 'b']);
    const { courier, raise, mail, time } = aCourier({ owns: (alert) => mine.has(alert.id) });
    mail.script = () => later();
    await courier.nudge(raise('a', 'b', 'c'));
    await time.advance('0s');
    mine.delete('b');
    await time.advance('6s');
    expect(mail.seen).toEqual(['a', 'b', 'a']);
    expect(courier.load()['email']!.waiting).toBe(1);
  });

  it('finishes what is under way when it stops, and begins nothing more', async () => {
    const { courier, raise, log, mail, time } = aCourier({ limits: { concurrency: 1 } });
    const held = gate();
    mail.script = () => held.passed.then(() => arrived);
    const alerts = raise('a', 'b');
    await courier.nudge(alerts);
    const drained = courier.drain(never);
    held.open();
    await drained;
    await courier.nudge(alerts);
    await time.advance('1h');
    expect(mail.seen).toEqual(['a']);
    expect(log.attempts).toHaveLength(1);
    expect(time.pending()).toEqual([]);
  });

  it('refuses two channels of one name', () => {
    const twice = [new ScriptedChannel('email'), new ScriptedChannel('email')];
    expect(() => aCourier({ channels: twice })).toThrow(/share a name/);
  });

  describe('whose endpoint is dead', () => {
    const dead = later();
    const rest = 30 * SECOND;

    it('is left alone after some failures in a row, and probed with one alert at a time', async () => {
      const { courier, raise, mail, time, observed } = aCourier({ limits: { concurrency: 3 } });
      mail.script = () => dead;
      await courier.nudge(raise(...Array.from({ length: 40 }, (_, n) => `a${n}`)));
      await time.advance('29s');
      // Five in a row, and those under way by then.
      expect(mail.seen.length).toBeLessThanOrEqual(7);
      const before = mail.seen.length;
      await time.advance('1s');
      expect(mail.seen).toHaveLength(before + 1);
      expect(observed.filter(({ kind }) => kind === 'circuit')).toEqual([
        { kind: 'circuit', channel: 'email', state: 'open', restMs: rest },
        { kind: 'circuit', channel: 'email', state: 'half-open', restMs: 0 },
        { kind: 'circuit', channel: 'email', state: 'open', restMs: 2 * rest },
      ]);
      mail.script = () => arrived;
      await time.advance('1h');
      expect(new Set(mail.seen).size).toBe(40);
      expect(observed).toContainEqual({ kind: 'circuit', channel: 'email', state: 'closed', restMs: 0 });
    });

    it('slows no other channel and costs no alert its tries', async () => {
      const hook = new ScriptedChannel('webhook');
      const mail = new ScriptedChannel('email');
      hook.script = () => dead;
      const { courier, raise, log, time } = aCourier({ channels: [mail, hook] });
      const alerts = raise(...Array.from({ length: 30 }, (_, n) => `a${n}`));
      await courier.nudge(alerts);
      await time.advance('6h');
      expect(mail.seen).toHaveLength(30);
      expect(hook.seen.length).toBeLessThan(80);
      hook.script = () => arrived;
      await time.advance('2d');
      for (const alert of alerts) expect(log.of(alert, 'webhook').at(-1)).toMatchObject({ state: 'delivered' });
    });

    it('is not called dead for what one alert is refused for', async () => {
      const { courier, raise, mail, time, observed } = aCourier();
      const answers: readonly DeliveryResult[] = [
        deferred,
        { kind: 'give-up', reason: 'rejected', detail: 'SMTP 550' },
      ];
      mail.script = () => answers[mail.seen.length % 2]!;
      await courier.nudge(raise(...Array.from({ length: 40 }, (_, n) => `a${n}`)));
      await time.advance('4s');
      expect(new Set(mail.seen).size).toBe(40);
      expect(observed.some(({ kind }) => kind === 'circuit')).toBe(false);
    });

    it('is never called again once it says that it is gone, until the next start', async () => {
      const { courier, build, raise, log, mail, time, observed } = aCourier({ limits: { concurrency: 1 } });
      mail.script = () => ({ kind: 'give-up', reason: 'gone', detail: 'HTTP 410' });
      const alerts = raise('a', 'b', 'c');
      await courier.nudge(alerts);
      await time.advance('1s');
      const [later] = raise('d');
      await courier.nudge([later!]);
      await time.advance('1d');
      expect(mail.seen).toEqual(['a']);
      for (const alert of [...alerts, later!]) {
        expect(log.of(alert, 'email')).toMatchObject([{ state: 'given-up', reason: 'gone' }]);
      }
      expect(observed).toContainEqual({ kind: 'circuit', channel: 'email', state: 'gone', restMs: 0 });
      expect(observed).toContainEqual({ kind: 'dropped', channel: 'email', reason: 'gone', count: 2 });
      mail.script = () => arrived;
      const next = build();
      await next.nudge(raise('e'));
      await time.advance('1s');
      expect(mail.seen).toEqual(['a', 'e']);
    });

    it('gives up visibly what grew too old meanwhile, however much there is', async () => {
      const { courier, raise, log, mail, time } = aCourier({ limits: { queue: 5, ttlMs: HOUR, page: 3 } });
      mail.script = () => dead;
      const alerts = raise(...Array.from({ length: 40 }, (_, n) => `a${n}`));
      await courier.sweep();
      await time.advance('61m');
      await courier.sweep();
      await time.advance('1s');
      for (const alert of alerts) {
        expect(log.of(alert, 'email').at(-1)).toMatchObject({ state: 'given-up', reason: 'expired' });
      }
      expect(courier.load()).toEqual({ email: { ready: 0, waiting: 0, underWay: 0 } });
    });
  });

  describe('when the customer has come back', () => {
    it('drops a retry', async () => {
      const { courier, raise, log, mail, time } = aCourier();
      mail.script = () => deferred;
      const [alert] = raise('a');
      await courier.nudge([alert!]);
      await time.advance('1s');
      log.resolve(alert!);
      await courier.sweep();
      await time.advance('1d');
      expect(mail.seen).toEqual(['a']);
      expect(log.of(alert!, 'email')).toMatchObject([
        { number: 1, state: 'retrying' },
        { number: 2, state: 'given-up', reason: 'resolved' },
      ]);
    });

    it('drops what waited for a dead endpoint or for a courier, and sends what comes in time', async () => {
      const { courier, build, raise, log, mail, time } = aCourier();
      const [prompt] = raise('prompt');
      log.resolve(prompt!);
      await courier.nudge([prompt!]);
      await time.advance('1s');
      expect(mail.seen).toEqual(['prompt']);

      mail.script = () => later();
      await courier.nudge(raise('1', '2', '3', '4', '5'));
      await time.advance('1s');
      const [held] = raise('held');
      await courier.nudge([held!]);
      log.resolve(held!);
      await courier.sweep();
      await time.advance('1s');
      expect(log.of(held!, 'email')).toMatchObject([{ state: 'given-up', reason: 'resolved' }]);

      await courier.drain(never);
      const [missed] = raise('missed');
      log.resolve(missed!);
      await build().sweep('all');
      await time.advance('1s');
      expect(log.of(missed!, 'email')).toMatchObject([{ state: 'given-up', reason: 'resolved' }]);
    });

    it('leaves alone what was delivered', async () => {
      const { courier, raise, log, time } = aCourier();
      const [alert] = raise('a');
      await courier.nudge([alert!]);
      await time.advance('1s');
      log.resolve(alert!);
      await courier.sweep('all');
      await time.advance('1d');
      expect(log.of(alert!, 'email')).toMatchObject([{ state: 'delivered' }]);
    });
  });

  it('gives up visibly what nobody looked at for very long', async () => {
    const { courier, raise, log, mail, time } = aCourier({ limits: { page: 7 } });
    const alerts = raise(...Array.from({ length: 50 }, (_, n) => `a${n}`));
    await time.advance('100d');
    await courier.sweep('all');
    expect(mail.seen).toEqual([]);
    for (const alert of alerts) expect(log.of(alert, 'email')).toMatchObject([{ reason: 'expired' }]);
  });

  it('reads a large outbox page by page and no further than it has room', async () => {
    const { courier, raise, log, mail, time } = aCourier({ limits: { queue: 10, page: 4, concurrency: 2 } });
    mail.script = () => new Promise(() => {});
    raise(...Array.from({ length: 500 }, (_, n) => `a${n}`));
    let read = 0;
    const open = log.open.bind(log);
    log.open = async (question) => {
      const page = await open(question);
      expect(page.deliveries.length).toBeLessThanOrEqual(4);
      read += page.deliveries.length;
      return page;
    };
    await courier.sweep('all');
    await time.advance('1s');
    expect(read).toBeLessThanOrEqual(20);
    expect(courier.load()['email']!.ready).toBeLessThanOrEqual(10);
  });

  describe('a retraction', () => {
    const withdrawn = (alert: Alert, over: Partial<Alert> = {}): Alert =>
      anAlert(`not-${alert.id}`, { ...over, kind: 'retraction', retracts: alert.id, customer: alert.customer });
    const lost: DeliveryResult = { kind: 'retry', reason: 'timeout', detail: 'no answer', mayHaveArrived: true };
    const neverThere: DeliveryResult = { kind: 'retry', reason: 'unreachable', detail: 'ECONNREFUSED' };

    it('goes where the alert was delivered or may have been, and nowhere else', async () => {
      const [had, perhaps, not] = [
        new ScriptedChannel('had'),
        new ScriptedChannel('perhaps'),
        new ScriptedChannel('not'),
      ];
      perhaps.script = (alert) => (alert.kind === 'alert' ? lost : arrived);
      not.script = () => neverThere;
      const { courier, raise, log, time } = aCourier({ channels: [had, perhaps, not] });
      const [alert] = raise('a');
      await courier.nudge([alert!]);
      await time.advance('1s');
      const withdrawal = withdrawn(alert!, { detectedAt: time.now() });
      log.raise(withdrawal);
      await courier.nudge([withdrawal]);
      await time.advance('2d');
      expect([had.seen, perhaps.seen, not.seen]).toEqual([['a', 'not-a'], ['a', 'not-a'], ['a']]);
      expect(log.of(alert!, 'had')).toHaveLength(1);
      expect(log.of(alert!, 'perhaps').at(-1)).toMatchObject({ state: 'given-up', reason: 'retracted' });
      expect(log.of(alert!, 'not').at(-1)).toMatchObject({ state: 'given-up', reason: 'retracted' });
      expect(log.of(withdrawal, 'not')).toMatchObject([{ number: 1, state: 'given-up', reason: 'retracted' }]);
    });

    it('waits for an alert that is under way, whatever comes of it', async () => {
      for (const [outcome, seen] of [
        [arrived, ['a', 'not-a']],
        [lost, ['a', 'not-a']],
        [neverThere, ['a']],
      ] as const) {
        const { courier, raise, log, mail, time } = aCourier();
        const held = gate();
        mail.script = (alert) => (alert.kind === 'alert' ? held.passed.then(() => outcome) : arrived);
        const [alert] = raise('a');
        await courier.nudge([alert!]);
        await time.advance('1s');
        const withdrawal = withdrawn(alert!, { detectedAt: time.now() });
        log.raise(withdrawal);
        await courier.nudge([withdrawal]);
        await courier.sweep();
        await time.advance('1s');
        expect(mail.seen).toEqual(['a']);
        held.open();
        await time.advance('2d');
        expect(mail.seen).toEqual(seen);
        const ends = [alert!, withdrawal].map((one) => log.of(one, 'email').at(-1)!.state);
        expect(ends).not.toContain('retrying');
      }
    });

    it('finds after a restart that its alert may have gone out, or ends with it when nobody sent it', async () => {
      for (const wasBegun of [true, false]) {
        const { courier, raise, log, mail, time } = aCourier();
        const [alert] = raise('a');
        if (wasBegun) {
          await log.announce([{ tenant: alert!.tenant, alert: alert!.id, channel: 'email', number: 1, at: t0 }]);
        }
        const withdrawal = withdrawn(alert!);
        log.raise(withdrawal);
        await courier.sweep('all');
        await time.advance('1d');
        expect(mail.seen).toEqual(wasBegun ? ['not-a'] : []);
        expect(log.of(alert!, 'email')).toMatchObject([{ state: 'given-up', reason: 'retracted' }]);
        expect(log.of(withdrawal, 'email')).toMatchObject([
          wasBegun ? { state: 'delivered' } : { state: 'given-up', reason: 'retracted' },
        ]);
      }
    });

    it('is tried again like any alert', async () => {
      const { courier, raise, log, mail, time } = aCourier();
      mail.script = (alert, attempt) => (alert.kind === 'alert' || attempt > 2 ? arrived : later());
      const [alert] = raise('a');
      await courier.nudge([alert!]);
      await time.advance('1s');
      const withdrawal = withdrawn(alert!, { detectedAt: time.now() });
      log.raise(withdrawal);
      await courier.nudge([withdrawal]);
      await time.advance('1d');
      expect(mail.seen).toEqual(['a', 'not-a', 'not-a', 'not-a']);
    });
  });
});
