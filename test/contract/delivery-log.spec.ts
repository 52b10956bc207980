import { ClickHouseDeliveryLog, ClickHouseFlagStore, ClickHouseIncidentStore } from '#clickhouse';
import type { Alert, Attempt, FlagState, Incident } from '#domain';
import { alertId, customerId, DAY, epochMs, incidentId, MINUTE, plus } from '#domain';
import type { DeliveryLog, OpenCursor, OpenDelivery, OpenQuestion } from '#pipeline';
import { MemoryDeliveryLog } from '#pipeline/testing';
import { anAlert, raisedAt } from '../support/an-alert.js';
import { takeFence } from '../../libs/clickhouse/src/fence.js';
import { EmbeddedStore } from '../support/embedded-store.js';
import { transitionOf } from '../support/transition-of.js';

interface Outbox {
  readonly log: DeliveryLog;
  raise(...alerts: readonly Alert[]): Promise<void>;
  /** The flag of the alert moves on. */
  move(alert: Alert, to: FlagState): Promise<void>;
  /** An incident's row, and those it hit, failing as it began. */
  breakOut(incident: Incident, customers: readonly string[]): Promise<void>;
}

const anIncident = (alert: Alert, more: Partial<Incident> = {}): Incident => ({
  id: incidentId('i1'),
  revision: 1,
  tenant: alert.tenant,
  kinds: ['login_failed', 'crash'],
  extent: { appVersion: '5.2.0', platform: '', channel: 'baidu' },
  state: 'open',
  beganAt: plus(alert.becameDueAt, -10 * MINUTE),
  detectedAt: alert.becameDueAt,
  endedAt: null,
  endDetectedAt: null,
  failing: 10,
  active: 20,
  norm: 0.01,
  affected: 10,
  valueAtRisk: 0,
  cameBack: null,
  ...more,
});

const tried = (alert: Alert, channel: string, number: number, more: Partial<Attempt> = {}): Attempt => ({
  tenant: alert.tenant,
  alert: alert.id,
  channel,
  number,
  state: 'retrying',
  reason: 'refused',
  detail: 'HTTP 404',
  at: plus(raisedAt, number * MINUTE),
  retryAt: plus(raisedAt, (number + 1) * MINUTE),
  mayHaveArrived: false,
  ...more,
});
const delivered = { state: 'delivered', reason: null, retryAt: null, mayHaveArrived: true } as const;
const intentOf = ({ tenant, alert, channel, number, at }: Attempt) => ({ tenant, alert, channel, number, at });

function deliveryLogContract(name: string, fresh: () => Promise<Outbox>): void {
  describe(`the ${name} delivery log`, () => {
    let outbox: Outbox;
    beforeEach(async () => {
      outbox = await fresh();
    });
    const ask = (over: Partial<OpenQuestion> = {}): OpenQuestion => ({
      channels: ['email', 'webhook'],
      dueOnly: [],
      now: raisedAt,
      since: epochMs(0),
      after: null,
      limit: 100,
      ...over,
    });
    const open = async (over: Partial<OpenQuestion> = {}): Promise<readonly OpenDelivery[]> =>
      (await outbox.log.open(ask(over))).deliveries;
    const brief = async (over: Partial<OpenQuestion> = {}) =>
      (await open(over)).map(({ alert, channel, attempts, retryAt }) => [alert.id, channel, attempts, retryAt]);

    it('owes every alert to every channel until it is delivered or given up there', async () => {
      const { log } = outbox;
      const alert = anAlert();
      await outbox.raise(alert);
      expect((await open({ channels: ['email'] }))[0]!.alert).toEqual(alert);
      expect(await brief()).toEqual([
        [alert.id, 'email', 0, null],
        [alert.id, 'webhook', 0, null],
      ]);
      await log.record([tried(alert, 'email', 1), tried(alert, 'email', 2)]);
      expect(await brief()).toEqual([
        [alert.id, 'email', 2, raisedAt + 3 * MINUTE],
        [alert.id, 'webhook', 0, null],
      ]);
      await log.record([tried(alert, 'email', 3, delivered)]);
      expect(await brief()).toEqual([[alert.id, 'webhook', 0, null]]);
      await log.record([tried(alert, 'webhook', 1, { state: 'given-up', reason: 'gone', retryAt: null })]);
      expect(await brief()).toEqual([]);
      expect(await brief({ channels: [] })).toEqual([]);
      expect(await brief({ channels: ['topic'] })).toEqual([[alert.id, 'topic', 0, null]]);
    });

    it('counts an attempt written twice once, and leaves out what was raised up to the instant', async () => {
      const [early, late] = [anAlert(), anAlert({ detectedAt: plus(raisedAt, DAY) })];
      await outbox.raise(early, late);
      await outbox.log.record([tried(late, 'email', 1)]);
      await outbox.log.record([tried(late, 'email', 1)]);
      expect(await brief({ since: raisedAt, channels: ['email'] })).toEqual([
        [late.id, 'email', 1, raisedAt + 2 * MINUTE],
      ]);
      expect(await open({ since: epochMs(raisedAt - 1), channels: ['email'] })).toHaveLength(2);
    });

    it('leaves out, where only what is due is wanted, what is to be tried later', async () => {
      const [due, later, untried] = [anAlert(), anAlert(), anAlert()];
      await outbox.raise(due, later, untried);
      await outbox.log.record([tried(due, 'email', 1), tried(later, 'email', 1), tried(later, 'email', 2)]);
      const now = plus(raisedAt, 2 * MINUTE);
      const asked = { channels: ['email'], now };
      expect((await brief({ ...asked, dueOnly: ['email'] })).map(([id]) => id)).toEqual([due.id, untried.id]);
      expect((await brief({ ...asked, dueOnly: ['webhook'] })).map(([id]) => id)).toEqual([
        due.id,
        later.id,
        untried.id,
      ]);
    });

    it('is read page by page, oldest first, without a gap or a double', async () => {
      const alerts = Array.from({ length: 7 }, (_, n) => anAlert({ detectedAt: plus(raisedAt, -Math.floor(n / 3)) }));
      await outbox.raise(...alerts);
      await outbox.log.record([tried(alerts[1]!, 'email', 1, delivered)]);
      const whole = await brief();
      expect(whole).toHaveLength(13);
      const read: unknown[] = [];
      let after: OpenCursor | null = null;
      do {
        const page = await outbox.log.open(ask({ after, limit: 2 }));
        expect(page.deliveries.length).toBeLessThanOrEqual(2);
        read.push(...page.deliveries.map(({ alert, channel }) => [alert.id, channel]));
        after = page.next;
      } while (after !== null);
      expect(read).toEqual(whole.map(([id, channel]) => [id, channel]));
      const instants = (await open()).map(({ alert }) => alert.detectedAt);
      expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    });

    it('knows of tries that were begun and never written down', async () => {
      const alert = anAlert();
      await outbox.raise(alert);
      const doubts = async () => (await open({ channels: ['email'] })).map((one) => [one.attempts, one.mayHaveArrived]);
      await outbox.log.announce([intentOf(tried(alert, 'email', 1))]);
      expect(await doubts()).toEqual([[1, true]]);
      expect((await open({ channels: ['webhook'] }))[0]).toMatchObject({ attempts: 0, mayHaveArrived: false });
      await outbox.log.record([tried(alert, 'email', 1)]);
      expect(await doubts()).toEqual([[1, false]]);
      await outbox.log.announce([intentOf(tried(alert, 'email', 2))]);
      await outbox.log.record([tried(alert, 'email', 2, { reason: 'timeout', mayHaveArrived: true })]);
      await outbox.log.record([tried(alert, 'email', 3)]);
      expect(await doubts()).toEqual([[3, true]]);
    });

    it('tells what the customer has done meanwhile', async () => {
      const [still, back, again] = [anAlert(), anAlert(), anAlert()];
      await outbox.raise(still, back, again);
      await outbox.move(back, 'clear');
      await outbox.move(again, 'recovering');
      const found = new Map((await open({ channels: ['email'] })).map(({ alert, overtaken }) => [alert.id, overtaken]));
      expect([still, back, again].map(({ id }) => found.get(id))).toEqual([null, 'resolved', null]);
    });

    it('tells of open incidents that hit the customer, and for which one it was held back', async () => {
      const [hit, spared] = [anAlert({ customer: customerId('hit') }), anAlert({ customer: customerId('spared') })];
      await outbox.raise(hit, spared);
      await outbox.breakOut(anIncident(hit), ['hit']);
      const told = async () =>
        new Map(
          (await open({ channels: ['email'] })).map(({ alert, incidents, heldFor, attempts, retryAt }) => [
            alert.id,
            [incidents.map(({ id, kinds }) => [id, kinds]), heldFor, attempts, retryAt],
          ]),
        );
      expect((await told()).get(hit.id)).toEqual([[['i1', ['login_failed', 'crash']]], null, 0, null]);
      expect((await told()).get(spared.id)).toEqual([[], null, 0, null]);
      const held = { reason: 'incident', incident: incidentId('i1'), retryAt: null } as const;
      await outbox.log.record([tried(hit, 'email', 0, held)]);
      expect((await told()).get(hit.id)).toEqual([[['i1', ['login_failed', 'crash']]], 'i1', 0, null]);
      await outbox.log.record([
        tried(spared, 'email', 1),
        tried(spared, 'email', 1, { ...held, at: plus(raisedAt, DAY) }),
      ]);
      expect((await told()).get(spared.id)).toEqual([[], 'i1', 1, null]);
    });

    it('says of a retraction how its alert stands on the same channel, and brings it after the alert', async () => {
      const alert = anAlert({ id: alertId('f'.repeat(32)) });
      const withdrawal = anAlert({
        ...alert,
        id: alertId('0'.repeat(32)),
        kind: 'retraction',
        retracts: alert.id,
      });
      await outbox.raise(alert, withdrawal);
      await outbox.log.record([tried(alert, 'webhook', 1, delivered)]);
      expect(
        (await open()).map(({ alert: { id }, channel, overtaken, original }) => [id, channel, overtaken, original]),
      ).toEqual([
        [alert.id, 'email', 'retracted', null],
        [withdrawal.id, 'email', null, expect.objectContaining({ open: true, attempts: 0, mayHaveArrived: false })],
        [withdrawal.id, 'webhook', null, expect.objectContaining({ open: false, attempts: 1, mayHaveArrived: true })],
      ]);
    });
  });
}

deliveryLogContract('memory', async () => {
  const log = new MemoryDeliveryLog();
  return {
    log,
    raise: async (...alerts) => log.raise(...alerts),
    move: async (alert, to) => (to === 'clear' ? log.resolve(alert) : undefined),
    breakOut: async (incident, customers) => void log.incidents.push({ ...incident, customers }),
  };
});

describe('over ClickHouse,', () => {
  const embedded = new EmbeddedStore('delivery_log_test');
  beforeAll(() => embedded.migrate());
  afterAll(() => embedded.close());

  deliveryLogContract('ClickHouse', async () => {
    for (const table of ['transition_v1', 'attempt_v1', 'intent_v1', 'incident_v1']) {
      await embedded.store.command(`TRUNCATE TABLE $db.${table}`);
    }
    const flags = new ClickHouseFlagStore(embedded.store);
    return {
      log: new ClickHouseDeliveryLog(embedded.store),
      raise: async (...alerts) => {
        // A decision may be stored twice.
        for (let time = 0; time < 2; time++) {
          await flags.append(
            alerts.map((alert) => ({ transition: transitionOf(alert), alert })),
            [],
          );
        }
      },
      move: async (alert, to) => {
        const moved = { ...transitionOf(alert), id: `${alert.id}-${to}`, sequence: 2, to };
        await flags.append([{ transition: moved, alert: null }], []);
      },
      breakOut: async (incident, customers) => {
        const failed = { type: 'login_failed', occurredAt: incident.beganAt, receivedAt: incident.beganAt } as const;
        const where = { platform: 'android', channel: 'baidu', source: 'app', amount: null, attributes: {} };
        const { tenant } = incident;
        await embedded.fold([
          ...customers.map((name) => ({
            ...failed,
            ...where,
            tenant,
            id: name,
            customer: customerId(name),
            appVersion: '5.2.0',
          })),
          { ...failed, ...where, tenant, id: 'x', customer: customerId('spared'), appVersion: '5.1.0' },
        ]);
        await new ClickHouseIncidentStore(embedded.store).append(
          [incident],
          await takeFence(embedded.store, 'sentinel/0/1'),
        );
      },
    };
  });

  it('opens an outbox of very many alerts within bounded memory', async () => {
    await embedded.store.command('TRUNCATE TABLE $db.transition_v1');
    await embedded.store.command('TRUNCATE TABLE $db.attempt_v1');
    const alert = JSON.stringify(anAlert()).replaceAll("'", "\\'");
    await embedded.store.command(`INSERT INTO $db.transition_v1
      (id, sequence, tenant, customer, rule, episode, to_state, became_due_at, detected_at, alert_id, alert)
      SELECT toString(number), 1, 'default', toString(number), 'r', 1, 'firing', number, number, leftPad(hex(number), 32, '0'), '${alert}'
      FROM numbers(1000000)`);
    const log = new ClickHouseDeliveryLog(embedded.store);
    const channels = ['email', 'topic', 'webhook'];
    const question = { channels, dueOnly: [], now: raisedAt, since: epochMs(-1), limit: 2_000 };
    const before = process.memoryUsage().heapUsed;
    let after: OpenCursor | null = null;
    for (let page = 0; page < 5; page++) {
      const read = await log.open({ ...question, after });
      expect(read.deliveries).toHaveLength(2_000);
      after = read.next;
    }
    expect(after).toMatchObject({ channel: 'email', detectedAt: 3_333 });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 << 20);
  });
});
