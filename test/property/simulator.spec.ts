import fc from 'fast-check';
import { simulate } from '#simulator';
import { DAY, epochMs, eventKinds } from '#domain';
import '../support/seed.js';

const options = fc.record({
  seed: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  customers: fc.integer({ min: 1, max: 60 }),
  days: fc.integer({ min: 1, max: 30 }),
  startAt: fc.integer({ min: 10_000, max: 20_000 }).map((day) => epochMs(day * DAY)),
  outage: fc.constantFrom<'lost' | 'late'>('lost', 'late').map((withheld) => ({ withheld })),
});
const runs = { numRuns: 40 };

/** Collects what breaks a promise: an expectation for each of a million events would take longer than making them. */
const breaches = () => {
  const found: unknown[] = [];
  return { found, unless: (kept: boolean, what: unknown) => void (kept || found.push(what)) };
};

describe('any simulated app base', () => {
  it('is the same again from the same seed, and another from another', () => {
    fc.assert(
      fc.property(options, (given) => {
        const base = simulate(given);
        const events = [...base.events()];
        expect([...simulate(given).events()]).toEqual(events);
        expect([...base.events()]).toEqual(events);
        expect(simulate(given).truth).toEqual(base.truth);
        expect(base.total).toBe(events.length);
        if (events.length === 0) return;
        const other = [...simulate({ ...given, seed: given.seed ^ 1 }).events()];
        expect(other.map((event) => event.occurredAt)).not.toEqual(events.map((event) => event.occurredAt));
      }),
      runs,
    );
  });

  it('comes in order, with ids of its own, within its span and with whole numbers', () => {
    fc.assert(
      fc.property(options, (given) => {
        const base = simulate(given);
        const customers = new Set(base.truth.customers.map((truth) => truth.customer));
        const ids = new Set<string>();
        const broken = breaches();
        let last = 0;
        for (const event of base.events()) {
          broken.unless(event.receivedAt >= last && event.receivedAt >= event.occurredAt, event);
          last = event.receivedAt;
          ids.add(`${event.source} ${event.id}`);
          broken.unless(Number.isInteger(event.occurredAt) && event.type in eventKinds, event);
          broken.unless(event.occurredAt >= base.startAt && event.receivedAt < base.endAt, event);
          broken.unless(event.amount === null || (Number.isFinite(event.amount) && event.amount > 0), event);
          broken.unless(customers.has(event.customer), event);
        }
        expect(ids.size).toBe(base.total);
        let lastHappened = 0;
        for (const event of base.happened()) {
          broken.unless(event.occurredAt >= lastHappened && event.receivedAt === event.occurredAt, event);
          lastHappened = event.occurredAt;
        }
        expect(broken.found).toEqual([]);
      }),
      runs,
    );
  });

  it('never shows a customer before they came, after they left or while they were away', () => {
    fc.assert(
      fc.property(options, (given) => {
        const base = simulate({ ...given, shares: { 'silent-churn': 0.3, 'fading-churn': 0.2, away: 0.3 } });
        const truth = new Map(base.truth.customers.map((each) => [each.customer, each] as const));
        const broken = breaches();
        for (const event of base.happened()) {
          const own = truth.get(event.customer)!;
          broken.unless(event.occurredAt >= own.joinedAt, event);
          for (const { kind, at, until } of own.fates) {
            const engaged = eventKinds[event.type].engagement;
            if (kind === 'silent-churn') broken.unless(!(engaged && event.occurredAt >= at), event);
            if (kind === 'fading-churn') broken.unless(!(engaged && event.occurredAt >= until!), event);
            if (kind === 'away')
              broken.unless(!(engaged && event.occurredAt >= at && event.occurredAt < until!), event);
          }
        }
        expect(broken.found).toEqual([]);
      }),
      runs,
    );
  });

  it('withholds exactly one version’s events during the outage, and names whom that hid', () => {
    fc.assert(
      fc.property(options, (given) => {
        const base = simulate(given);
        const { appVersion, from, until, withheld } = base.truth.outage!;
        const delivered = new Map(Array.from(base.events(), (event) => [event.id, event] as const));
        const hidden = new Map(
          base.truth.customers.map((each) => [each.customer, each.fates.find((fate) => fate.kind === 'feed-outage')]),
        );
        const broken = breaches();
        for (const event of base.happened()) {
          const inOutage = event.appVersion === appVersion && event.occurredAt >= from && event.occurredAt < until;
          const arrived = delivered.get(event.id);
          if (!inOutage) broken.unless(arrived !== undefined && arrived.receivedAt === event.occurredAt, event);
          else {
            const late = withheld === 'late' && until < base.endAt;
            broken.unless(arrived?.receivedAt === (late ? until : undefined), event);
            const fate = hidden.get(event.customer)!;
            broken.unless(event.occurredAt >= fate.at && event.occurredAt < fate.until!, event);
          }
        }
        for (const event of delivered.values()) {
          broken.unless(event.appVersion !== appVersion || event.receivedAt < from || event.receivedAt >= until, event);
        }
        expect(broken.found).toEqual([]);
      }),
      runs,
    );
  });

  it('agrees with its truth about complaints and about who had the crashing version', () => {
    fc.assert(
      fc.property(options, (given) => {
        const base = simulate({ ...given, shares: { 'complaint-left-open': 0.3, 'complaint-closed': 0.3 } });
        const crash = base.truth.crash!;
        const broken = breaches();
        const complaints: string[] = [];
        const fates = new Map(base.truth.customers.map((each) => [each.customer, each.fates] as const));
        for (const event of base.happened()) {
          if (event.type.startsWith('complaint_'))
            complaints.push(`${event.customer} ${event.type} ${event.occurredAt}`);
          if (event.appVersion !== crash.appVersion || event.platform !== crash.platform) continue;
          if (event.occurredAt < crash.from || event.occurredAt >= crash.until) continue;
          const exposed = fates.get(event.customer)!.find((fate) => fate.kind === 'crash-exposed')!;
          broken.unless(event.occurredAt >= exposed.at && event.occurredAt < exposed.until!, event);
        }
        const told = base.truth.customers.flatMap(({ customer, fates: own }) =>
          own.flatMap(({ kind, at, until }) => {
            if (!kind.startsWith('complaint')) return [];
            const opened = `${customer} complaint_opened ${at}`;
            return until === null ? [opened] : [opened, `${customer} complaint_closed ${until}`];
          }),
        );
        expect(broken.found).toEqual([]);
        expect(complaints.sort()).toEqual(told.sort());
      }),
      runs,
    );
  });
});
