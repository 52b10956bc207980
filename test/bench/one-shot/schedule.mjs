// What the sentinel's schedule takes of memory for customers who come once and never again: `node ... [--customers N]`.
// Plain JavaScript over the built schedule: nothing else is in this process's memory.
import { parseArgs } from 'node:util';
import { Schedule } from '../../../dist/libs/pipeline/src/schedule.js';

const { values } = parseArgs({ options: { customers: { type: 'string', default: '10000000' } } });
const customers = Number(values.customers);
const day = 86_400_000;
const startAt = Date.UTC(2026, 0, 5);
const mb = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`;

function measured() {
  for (let i = 0; i < 3; i += 1) globalThis.gc();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}

const before = measured();
const schedule = new Schedule(7 * day);
const tellAbout = (what, startedAt) => {
  const now = measured();
  const perEntry = schedule.size === 0 ? 0 : (now.heapUsed - before.heapUsed) / schedule.size;
  process.stdout.write(
    `${what.padEnd(44)} ${String(schedule.size).padStart(10)} entries  rss ${mb(now.rss).padStart(8)}  heap ${mb(now.heapUsed).padStart(8)}` +
      `  ${perEntry.toFixed(0).padStart(5)} B/entry  ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`,
  );
};

/** Takes and settles whoever is due, with `deadlineOf` their next deadline. */
function settleAll(gate, deadlineOf) {
  for (;;) {
    const due = schedule.takeDue(gate, 0, 5_000);
    if (due.length === 0) return;
    for (const { tenant, customer, asOf } of due) schedule.settle(tenant, customer, asOf, deadlineOf(asOf), false);
  }
}

let startedAt = performance.now();
for (let i = 0; i < customers; i += 1) schedule.touch('default', `customer-${i}`, startAt + i);
tellAbout('everybody came once', startedAt);
startedAt = performance.now();
settleAll(startAt + customers, (asOf) => asOf + 21 * day);
tellAbout('looked at: everybody has a deadline', startedAt);
startedAt = performance.now();
settleAll(startAt + customers + 22 * day, () => null);
tellAbout('deadlines passed: nothing is to be done', startedAt);
