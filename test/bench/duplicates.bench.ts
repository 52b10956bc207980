import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ClickHouseDeadLetters, ClickHouseIdentityStore, ClickHouseWindowStore, migrate, Store } from '#clickhouse';
import { defaultAdmissionLimits, encodeEvent, topics } from '#contracts';
import type { ActivityEvent } from '#domain';
import { customerId, DAY, epochMs, tenantId } from '#domain';
import { partitionOf } from '#kafka';
import type { EventLog, LogRecord } from '#pipeline';
import { Duplicates, Tracker } from '#pipeline';
import type { Benchmark } from './compare.js';

const topic = topics.activity.name;
const folder = mkdtempSync(join(tmpdir(), 'churnwatch-bench-'));
const memoryBytes = 32 * 2 ** 20;
const startsAt = Date.UTC(2026, 2, 1);
let databases = 0;

/** What the tracker says to the sentinel goes nowhere: it is the same for both sides. */
const nowhere: EventLog = {
  append: async () => {},
  ends: async () => [],
  partitionCount: async () => 12,
};

const stored = {
  name: 'bench-stored',
  about: 'What was counted, by the events and by the windows.',
  sql: `SELECT (SELECT count() FROM $db.event_v1) AS events, (SELECT sum(events) FROM $db.activity_hour_v1) AS hours,
  (SELECT sum(events) FROM $db.activity_day_v1) AS days`,
  params: z.object({}),
  row: z.object({ events: z.number(), hours: z.number(), days: z.number() }),
};
const merging = {
  name: 'bench-merging',
  about: 'Merges under way.',
  sql: `SELECT count() AS merges FROM system.merges WHERE database = '$db'`,
  params: z.object({}),
  row: z.object({ merges: z.number() }),
};

/** One in `repeatEvery` records is sent once more, some thousand records later; 0: none is. */
function records(count: number, repeatEvery: number): { records: LogRecord[]; distinct: number } {
  const written: LogRecord[] = [];
  let distinct = 0;
  for (let offset = 0; offset < count; offset++) {
    const timestamp = epochMs(startsAt + offset);
    const isRepeat = repeatEvery > 0 && offset > 5_000 && offset % repeatEvery === 0;
    if (isRepeat) {
      written.push({ ...written[offset - 4_999]!, offset, timestamp });
      continue;
    }
    distinct += 1;
    const event = anEvent(distinct, timestamp);
    written.push({ offset, key: event.customer, value: encodeEvent(event), headers: {}, timestamp });
  }
  return { records: written, distinct };
}

const anEvent = (number: number, at: LogRecord['timestamp']): ActivityEvent => ({
  tenant: tenantId('default'),
  id: `${number.toString(16).padStart(8, '0')}-5f0c-4f5e-9d5a-2b8a4f1d7c3e`,
  source: 'https://shop.example/app',
  type: 'page_view',
  customer: customerId(`customer-${(number * 7_919) % 50_000}`),
  occurredAt: at,
  receivedAt: at,
  amount: null,
  platform: 'android',
  channel: '',
  appVersion: '7.4.1',
  attributes: { page: 'cart' },
});

export const benchmark: Benchmark = {
  name: 'duplicates',
  about: 'Folding one partition into the embedded engine, without and with recognition of what a producer sent twice.',
  sides: ['without', 'with'],
  options: { events: 200_000, batch: 2_000, repeatEvery: 100 },
  async run(side, { events, batch, repeatEvery }) {
    const log = records(events!, repeatEvery!);
    const store = new Store({ path: folder, database: `bench_${++databases}` });
    await migrate(store);
    // Where nobody asks for identities nobody needs to keep them: the price of keeping them is part of the question.
    if (side === 'without') await store.command('DROP VIEW $db.counted_mv_v1');
    let asked = 0;
    const clock = { now: () => epochMs(startsAt + events!) };
    const identities = new ClickHouseIdentityStore(store);
    const duplicates = new Duplicates({ store: identities, clock, windowMs: DAY, memoryBytes });
    const tracker = new Tracker({
      windows: new ClickHouseWindowStore(store),
      deadLetters: new ClickHouseDeadLetters(store),
      log: nowhere,
      clock,
      observer: (seen) => {
        if (seen.kind === 'duplicates') asked += seen.asked;
      },
      partitionOf,
      tenant: tenantId('default'),
      limits: defaultAdmissionLimits,
      maxChunkRecords: 20_000,
      ...(side === 'with' ? { duplicates } : {}),
    });

    const { signal } = new AbortController();
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    for (let next = 0; next < log.records.length;) {
      const some = log.records.slice(next, next + batch!);
      const endOffset = log.records.length;
      next = await tracker.fold({ topic, partition: 0, records: some, endOffset, signal, heartbeat: async () => {} });
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    // What is left to merge is part of the price.
    while ((await store.rows(merging, {}))[0]!.merges > 0) await sleep(50);
    const cpu = process.cpuUsage(cpuBefore);

    const [counted] = await store.rows(stored, {});
    const wanted = side === 'with' ? log.distinct : log.records.length;
    if (counted!.events !== wanted || counted!.hours !== wanted || counted!.days !== wanted)
      throw new Error(`void: ${side} counted ${JSON.stringify(counted)} instead of ${wanted}`);
    await store.command('DROP DATABASE $db');
    await store.close();
    return {
      'events per second': log.records.length / seconds,
      'CPU seconds per million events': (cpu.user + cpu.system) / log.records.length,
      'questions to the store per event': asked / log.records.length,
    };
  },
  close: async () => rmSync(folder, { recursive: true, force: true }),
};
