import { DAY, epochMs, HOUR, MINUTE, plus, tenantId } from '#domain';
import type { EpochMs } from '#domain';
import { Feeds } from '../feeds/feeds.js';
import { Gate } from './gate.js';

const tenant = tenantId('default');
const start = epochMs(Date.UTC(2026, 2, 2));
const day = plus(start, 2 * DAY);

/** Two partitions of ours and two source partitions, with a feed that has been heard for two days. */
function aGate() {
  const gate = new Gate([3, 5], 2, new Feeds({ vouchesFromPerHour: 20, settleMs: 0 }));
  const tell = (teller: number, at: EpochMs, source: string, events = 0): void => {
    gate.advance(teller, source, plus(at, -1));
    if (events > 0) gate.hear(teller, [[tenant, 'shop', events, at, at]], [['intake', 0, plus(at, -1)]]);
  };
  for (let at = start; at <= day; at = plus(at, 2 * MINUTE)) {
    for (const teller of [3, 5]) tell(teller, at, 'intake/0', 1);
  }
  const believed = (): EpochMs | null => (gate.openUpTo === null ? null : gate.feeds.believedUpTo(gate.openUpTo));
  return { gate, tell, believed };
}

it('believes a feed when every partition of ours has told that all sources are read as far', () => {
  const { tell, believed } = aGate();
  expect(believed()).toBeNull();
  const later = plus(day, 3 * HOUR);
  tell(3, later, 'intake/1');
  tell(3, later, 'intake/0');
  tell(5, plus(day, -HOUR), 'intake/1');
  expect(believed()).toBe(day - HOUR - 2 * MINUTE);
  tell(5, later, 'intake/1');
  tell(5, later, 'intake/0');
  expect(believed()).toBe(day);
});

it('counts an event of a feed once, though each partition of ours tells of it', () => {
  const { gate } = aGate();
  expect(gate.feeds.states(day)[0]!.eventsPerHour).toBeCloseTo((48 * 30 + 1) / 48);
});
