import fc from 'fast-check';
import { customerId, epochMs, tenantId } from '#domain';
import type { EpochMs } from '#domain';
import { Schedule } from './schedule.js';

const tenant = tenantId('default');
const at = epochMs;

/** Customers by name, requests as "name@instant". */
function aSchedule(size = new Schedule(-1)) {
  return {
    schedule: size,
    touch: (name: string, ...instants: number[]) => {
      for (const instant of instants) size.touch(tenant, customerId(name), at(instant));
    },
    settle: (name: string, asOf: number, deadline: number | null = null) =>
      size.settle(tenant, customerId(name), at(asOf), deadline === null ? null : at(deadline), true),
    due: (gate: number, { slack = 0, most = 1_000 } = {}) =>
      size.takeDue(at(gate), slack, most).map(({ customer, asOf }) => `${customer}@${asOf}`),
  };
}

describe('the schedule', () => {
  it('brings customers in the order of their instants, none beyond the gate', () => {
    const { touch, due } = aSchedule();
    touch('cem', 30);
    touch('ada', 10);
    touch('bea', 20);
    touch('dan', 41);
    expect(due(40)).toEqual(['ada@10', 'bea@20', 'cem@30']);
    expect(due(41)).toEqual(['dan@41']);
  });

  it('brings everything a customer did together, up to the gate, once', () => {
    const { touch, due } = aSchedule();
    touch('ada', 30, 10, 20, 10, 50);
    expect(due(40)).toEqual(['ada@10', 'ada@20', 'ada@30']);
  });

  it('brings the rest once the first is settled, and nothing twice', () => {
    const { touch, settle, due } = aSchedule();
    touch('ada', 10, 20, 30);
    due(40);
    settle('ada', 20);
    expect(due(40)).toEqual(['ada@30']);
    settle('ada', 30);
    expect(due(40)).toEqual([]);
  });

  it('comes back at the deadline, unless a newer one has overtaken it', () => {
    const { touch, settle, due } = aSchedule();
    touch('ada', 10);
    due(10);
    settle('ada', 10, 60);
    touch('ada', 20);
    due(20);
    settle('ada', 20, 80);
    expect(due(79)).toEqual([]);
    expect(due(80)).toEqual(['ada@80']);
  });

  it('brings the deadline before an event that came after it', () => {
    const { touch, settle, due } = aSchedule();
    touch('ada', 10);
    due(10);
    settle('ada', 10, 20);
    touch('ada', 30);
    expect(due(40)).toEqual(['ada@20', 'ada@30']);
  });

  it('lets an event’s own instant run ahead of the gate by the slack, a deadline never', () => {
    const { touch, settle, due } = aSchedule();
    touch('ada', 10);
    touch('bea', 10);
    due(10);
    settle('ada', 10, 102);
    settle('bea', 10);
    touch('bea', 105);
    expect(due(100, { slack: 5 })).toEqual(['bea@105']);
    expect(due(102, { slack: 5 })).toEqual(['ada@102']);
  });

  it('holds an event back behind a deadline that the gate has not reached', () => {
    const { touch, settle, due } = aSchedule();
    touch('ada', 10);
    due(10);
    settle('ada', 10, 102);
    touch('ada', 104);
    expect(due(100, { slack: 5 })).toEqual([]);
    expect(due(102, { slack: 5 })).toEqual(['ada@102', 'ada@104']);
  });

  it('leaves late news to whoever can take the customer back', () => {
    const { schedule, touch, settle, due } = aSchedule();
    touch('ada', 50);
    due(50);
    settle('ada', 50);
    expect(schedule.touch(tenant, customerId('ada'), at(20))).toBe('late');
    expect(due(50)).toEqual([]);
  });

  it('takes for history what lies further back than anybody is taken back', () => {
    const { schedule, touch, due, settle } = aSchedule(new Schedule(30));
    touch('ada', 50);
    due(50);
    settle('ada', 50);
    schedule.reach(at(100));
    expect([schedule.isHistory(at(70)), schedule.isHistory(at(69))]).toEqual([false, true]);
  });

  it('looks at anybody as of now', () => {
    const { schedule, touch, settle, due } = aSchedule();
    touch('ada', 50);
    due(50);
    settle('ada', 50);
    schedule.reach(at(100));
    schedule.lookNow(tenant, customerId('ada'));
    schedule.lookNow(tenant, customerId('bea'));
    expect(due(99)).toEqual([]);
    expect(due(100).toSorted()).toEqual(['ada@100', 'bea@100']);
  });

  it('looks at a newcomer’s events at their own instants, in whatever order they came', () => {
    const { touch, due } = aSchedule();
    touch('ada', 50);
    touch('ada', 20);
    expect(due(50)).toEqual(['ada@20', 'ada@50']);
  });

  it('brings again what was put back', () => {
    const { schedule, touch, due } = aSchedule();
    touch('ada', 10, 20);
    touch('bea', 15);
    const taken = schedule.takeDue(at(30), 0, 10);
    expect(due(30)).toEqual([]);
    schedule.putBack(taken);
    expect(due(30)).toEqual(['ada@10', 'ada@20', 'bea@15']);
  });

  it('brings about as many at once as it is asked for, and leaves the rest due', () => {
    const { touch, due } = aSchedule();
    for (const name of ['ada', 'bea', 'cem']) touch(name, 10);
    const first = due(10, { most: 2 });
    expect(first).toHaveLength(2);
    expect([...first, ...due(10, { most: 2 })].toSorted()).toEqual(['ada@10', 'bea@10', 'cem@10']);
  });

  it('forgets everybody when cleared', () => {
    const { schedule, touch, due } = aSchedule();
    touch('ada', 10);
    schedule.clear();
    expect(schedule.size).toBe(0);
    expect(due(100)).toEqual([]);
  });
});

interface Kept {
  decidedAt: number;
  deadline: number | null;
  touches: number[];
}

/** The same by looking through everybody each time. */
class NaiveSchedule {
  readonly kept = new Map<string, Kept>();

  touch(name: string, instant: number): void {
    const own = this.kept.get(name) ?? { decidedAt: 0, deadline: null, touches: [] };
    own.touches = [...new Set([...own.touches, instant])].toSorted((a, b) => a - b);
    this.kept.set(name, own);
  }

  settle(name: string, asOf: number, deadline: number | null): void {
    const own = this.kept.get(name)!;
    own.decidedAt = asOf;
    own.deadline = deadline;
    own.touches = own.touches.filter((touch) => touch > asOf);
  }

  due(gate: number, slack: number): Map<string, number[]> {
    const due = new Map<string, number[]>();
    for (const [name, { deadline, touches }] of this.kept) {
      const next = Math.min(touches[0] ?? Infinity, deadline ?? Infinity);
      if (next > (next === touches[0] ? gate + slack : gate)) continue;
      due.set(name, [next, ...touches.filter((touch) => touch > next && touch <= gate + slack)]);
    }
    return due;
  }
}

type Move =
  | { readonly kind: 'touch'; readonly name: string; readonly instant: number }
  | {
      readonly kind: 'look';
      readonly gate: number;
      readonly slack: number;
      /** What becomes of each that was due: put back, or settled at one of its instants with a deadline so much later. */
      readonly fate: 'put back' | { readonly at: number; readonly deadlineIn: number | null };
    };

const moves = fc.array(
  fc.oneof(
    fc.record<Move & { kind: 'touch' }>({
      kind: fc.constant('touch'),
      name: fc.constantFrom('ada', 'bea', 'cem'),
      instant: fc.integer({ min: 1, max: 100 }),
    }),
    fc.record<Move & { kind: 'look' }>({
      kind: fc.constant('look'),
      gate: fc.integer({ min: 0, max: 110 }),
      slack: fc.integer({ min: 0, max: 10 }),
      fate: fc.oneof(
        fc.constant('put back' as const),
        fc.record({ at: fc.nat(3), deadlineIn: fc.option(fc.integer({ min: 1, max: 40 })) }),
      ),
    }),
  ),
  { maxLength: 60, size: 'max' },
);

it('the schedule is due exactly when looking through everybody would say so', () => {
  let compared = 0;
  fc.assert(
    fc.property(moves, (story) => {
      const real = new Schedule(-1);
      const naive = new NaiveSchedule();
      for (const move of story) {
        if (move.kind === 'touch') {
          const [customer, instant] = [customerId(move.name), at(move.instant)];
          if (real.touch(tenant, customer, instant) === 'noted') naive.touch(move.name, move.instant);
          continue;
        }
        const requests = real.takeDue(at(move.gate), move.slack, 1_000);
        const due = new Map<string, EpochMs[]>();
        for (const { customer, asOf } of requests) due.set(customer, [...(due.get(customer) ?? []), asOf]);
        expect(due).toEqual(naive.due(move.gate, move.slack));
        compared += due.size;
        const { fate } = move;
        if (fate === 'put back') {
          real.putBack(requests);
          continue;
        }
        for (const [name, instants] of due) {
          const asOf = instants[Math.min(fate.at, instants.length - 1)]!;
          const deadline = fate.deadlineIn === null ? null : asOf + fate.deadlineIn;
          real.settle(tenant, customerId(name), asOf, deadline === null ? null : at(deadline), true);
          naive.settle(name, asOf, deadline);
        }
      }
    }),
    { numRuns: 1_000 },
  );
  expect(compared).toBeGreaterThan(1_000);
});
