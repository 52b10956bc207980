// The standalone app in a process of its own, as `npm start` runs it, which tells its parent about itself when asked.
// Plain JavaScript over the built app: nothing but the app is in this process's memory.
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { z } from 'zod';
import { roleNames, startRoles } from '../../../dist/apps/standalone/src/start-roles.js';
import { Sentinel } from '../../../dist/libs/pipeline/src/index.js';
import { createLog, startRole } from '../../../dist/libs/platform/src/index.js';

const counts = { admitted: 0, folded: 0, rejected: 0, moved: 0, attempted: 0, evaluations: 0 };
const observer = (seen) => {
  if (seen.kind === 'admitted') counts.admitted += seen.count;
  else if (seen.kind === 'folded') counts.folded += seen.events;
  else if (seen.kind === 'rejected') counts.rejected += seen.count;
  else if (seen.kind === 'moved') counts.moved += 1;
  else if (seen.kind === 'attempted') counts.attempted += 1;
  else if (seen.kind === 'evaluated') counts.evaluations += 1;
};

let running;
const role = await startRole(
  'soak',
  async (context) => {
    running = await startRoles(roleNames, context, { observer });
    return running.steps;
  },
  { log: createLog('soak', 'warn') },
);
const sentinel = running.app.get(Sentinel, { strict: false });
const loop = monitorEventLoopDelay({ resolution: 20 });
loop.enable();

const ask = (sql, row) => running.store.rows({ name: 'soak', about: '', sql, params: z.object({}), row }, {});

async function figures() {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const [parts] = await ask(
    `SELECT countIf(p.active) AS active, count() AS parts, sumIf(p.bytes_on_disk, p.active) AS bytes FROM system.parts AS p WHERE p.database = '$db'`,
    z.object({ active: z.number(), parts: z.number(), bytes: z.number() }),
  );
  const loopP99Ms = loop.percentile(99) / 1e6;
  loop.reset();
  return {
    rss,
    heapUsed,
    external,
    arrayBuffers,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    activeParts: parts.active,
    parts: parts.parts,
    storedBytes: parts.bytes,
    loopP99Ms,
    tracked: sentinel.tracked,
    behindMs: sentinel.decidedUpTo === null ? null : Date.now() - sentinel.decidedUpTo,
    ...counts,
  };
}

async function stored() {
  const [events] = await ask(
    `SELECT count() AS rows, uniqExact(source, id) AS ids FROM $db.event_v1`,
    z.object({ rows: z.number(), ids: z.number() }),
  );
  const [hours] = await ask(`SELECT sum(events) AS n FROM $db.activity_hour_v1`, z.object({ n: z.number() }));
  const [days] = await ask(`SELECT sum(events) AS n FROM $db.activity_day_v1`, z.object({ n: z.number() }));
  const [letters] = await ask(`SELECT count() AS n FROM $db.dead_letter_v1 FINAL`, z.object({ n: z.number() }));
  return { rows: events.rows, ids: events.ids, inHours: hours.n, inDays: days.n, deadLetters: letters.n };
}

const answers = { figures, stored, counts: async () => counts };
process.on('message', ({ id, what }) => {
  answers[what]().then(
    (answer) => process.send({ id, answer }),
    (error) => process.send({ id, error: String(error) }),
  );
});
process.on('SIGTERM', () => void role.stop('SIGTERM').then(() => process.exit(0)));
process.on('disconnect', () => process.exit(1));
process.send({ url: running.url });
