import type { Flag, FlagState, Verdict } from '#domain';
import { advanceFlag, epochMs, flagStates, neverRaised, rejectReasons, ruleId } from '#domain';
import { createMetrics, possibleMoves } from './metrics.js';

const labels = { rules: ['silent'], channels: ['email'], topics: ['churnwatch.activity.v1'] };

async function valueOf(name: string, where: Record<string, string>, metrics = createMetrics(labels)): Promise<number> {
  const metric = (await metrics.registry.getMetricsAsJSON()).find((m) => name.startsWith(m.name));
  const found = metric?.values.find(
    (v) =>
      ((v as { metricName?: string }).metricName ?? metric.name) === name &&
      Object.entries(where).every(([key, value]) => String(v.labels[key]) === value),
  );
  if (!found) throw new Error(`${name} ${JSON.stringify(where)} is not there`);
  return found.value;
}

describe('metrics', () => {
  it('are all there at zero before anything happens', async () => {
    const { registry } = createMetrics(labels);
    const text = await registry.metrics();
    for (const reason of rejectReasons) {
      expect(text).toContain(`churnwatch_events_rejected_total{reason="${reason}",by="tracker"} 0`);
    }
    expect(text).toContain('churnwatch_flag_moves_total{rule="silent",from="pending",to="firing"} 0');
    expect(text).toContain('churnwatch_delivery_attempts_total{channel="email",state="given-up",reason="exhausted"} 0');
    expect(text).toContain('churnwatch_fold_seconds_count{topic="churnwatch.activity.v1"} 0');
    expect(text).not.toContain('state="delivered",reason="timeout"');
  });

  it('follow what the use cases report', async () => {
    const metrics = createMetrics(labels);
    const tell = metrics.observer;
    tell({ kind: 'admitted', family: 'activity', count: 3 });
    tell({ kind: 'rejected', reason: 'too-old', by: 'tracker', count: 2 });
    tell({ kind: 'folded', topic: labels.topics[0]!, events: 500, tookMs: 20 });
    tell({ kind: 'duplicates', topic: labels.topics[0]!, count: 2, asked: 5 });
    tell({ kind: 'lag', topic: labels.topics[0]!, partition: 7, records: 42 });
    tell({ kind: 'evaluated', customers: 10, tookMs: 100 });
    tell({ kind: 'scheduled', customers: 1_000, historyOf: 30, heldBackMs: 2_500 });
    tell({ kind: 'moved', rule: ruleId('silent'), from: 'clear', to: 'firing', delayMs: 1_500 });
    tell({ kind: 'attempted', channel: 'email', state: 'delivered', reason: null, tookMs: 30 });
    tell({ kind: 'attempted', channel: 'email', state: 'retrying', reason: 'throttled', tookMs: 30 });

    const read = (name: string, where: Record<string, string> = {}) => valueOf(`churnwatch_${name}`, where, metrics);
    expect(await read('events_admitted_total', { family: 'activity' })).toBe(3);
    expect(await read('events_rejected_total', { reason: 'too-old', by: 'tracker' })).toBe(2);
    expect(await read('folded_events_total')).toBe(500);
    expect(await read('duplicates_total')).toBe(2);
    expect(await read('duplicate_lookups_total')).toBe(5);
    expect(await read('fold_seconds_sum')).toBeCloseTo(0.02);
    expect(await read('consumer_lag_records', { partition: '7' })).toBe(42);
    expect(await read('evaluation_customers_sum')).toBe(10);
    expect(await read('evaluation_seconds_sum')).toBeCloseTo(0.1);
    expect(await read('scheduled_customers')).toBe(1_000);
    expect(await read('absence_held_back_seconds')).toBe(2.5);
    expect(await read('flag_moves_total', { from: 'clear', to: 'firing' })).toBe(1);
    expect(await read('detection_delay_seconds_sum')).toBe(1.5);
    expect(await read('delivery_attempts_total', { state: 'delivered', reason: 'none' })).toBe(1);
    expect(await read('delivery_attempts_total', { state: 'retrying', reason: 'throttled' })).toBe(1);
    expect(await read('delivery_seconds_count')).toBe(2);
  });

  it('count exactly the moves that the flag machine can make', () => {
    const verdicts: readonly Verdict[] = ['breach', 'between', 'ok', 'no-data'];
    const seen = new Set<string>();
    const visited = new Set<FlagState>();
    const visit = (flag: Flag): void => {
      if (visited.has(flag.state)) return;
      visited.add(flag.state);
      for (const verdict of verdicts) {
        for (const pendingMs of [0, 5]) {
          for (const recoverMs of [0, 5]) {
            const now = epochMs(flag.since + 10);
            const next = advanceFlag(flag, verdict, { pendingMs, recoverMs, cooldownMs: 0 }, now).flag;
            if (next.state !== flag.state) seen.add(`${flag.state} ${next.state}`);
            visit(next);
          }
        }
      }
    };
    visit(neverRaised);
    expect([...seen].sort()).toEqual(possibleMoves.map(([from, to]) => `${from} ${to}`).sort());
    expect([...visited].every((state) => flagStates.includes(state))).toBe(true);
  });
});
