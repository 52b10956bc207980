/** One process of a world: loads everything, waits to be told what it is, and then is exactly that. */
import { openSync, writeSync } from 'node:fs';
import { createLog, startRole } from '#platform';
import type { RunningRole } from '#platform';
import type { EventLog } from '#pipeline';
import { EVENT_LOG, Sentinel } from '#pipeline';
import { z } from 'zod';
import { epochMs } from '#domain';
import type { Running } from '../../apps/standalone/src/start-roles.js';
import { startRoles } from '../../apps/standalone/src/start-roles.js';
import { CrashPoints } from './crash-points.js';
import type { FromProcess, Orders, ToProcess } from './messages.js';
import { SharedClock } from './shared-clock.js';
import { afterStart, installSwitches } from './switches.js';

const tell = (message: FromProcess): void => {
  if (process.connected) process.send!(message);
};
const points = new CrashPoints();
let running: Running | undefined;
let role: RunningRole | undefined;
let clock: SharedClock;

// Whoever started us is gone: nobody would end us otherwise.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGTERM', () => {
  void (role?.stop('SIGTERM') ?? Promise.resolve()).then(() => process.exit(0));
});

async function become({ roles, env, clockFile, skewMs, deathsFile, logFile, crash, switches }: Orders): Promise<void> {
  clock = new SharedClock(clockFile, skewMs);
  points.install(env['KAFKA_BROKERS'] === undefined ? 'embedded' : 'kafka');
  points.arm(crash, deathsFile);
  installSwitches(switches, clock);
  const file = openSync(logFile, 'a');
  const log = createLog(roles.join('+'), 'warn', { write: (line) => void writeSync(file, line) });
  let toldAt = 0;
  role = await startRole(
    roles.join('+'),
    async (context) => {
      running = await startRoles(roles, context, {
        clock,
        slackMs: 0,
        observer: (observation) => {
          if (observation.kind === 'folded') tell({ kind: 'folded', events: observation.events });
          if (observation.kind !== 'scheduled' || performance.now() - toldAt < 20) return;
          toldAt = performance.now();
          const upTo = running?.app.get(Sentinel, { strict: false }).decidedUpTo;
          if (upTo !== null && upTo !== undefined) tell({ kind: 'decided', upTo });
        },
      });
      return running.steps;
    },
    { env, log, onFailure: (error) => end(error) },
  );
  await afterStart(switches, running!.store);
  tell({ kind: 'started', url: running!.url, points: points.known });
}

function end(error: unknown): void {
  const { code, message, stack } = error as { code?: string; message?: string; stack?: string };
  const reason = `${code ?? ''} ${message ?? String(error)} ${stack ?? ''}`.slice(0, 2_000);
  process.send!({ kind: 'failed', reason } satisfies FromProcess, () => process.exit(1));
}

async function answer(ask: number, work: () => Promise<readonly unknown[]>): Promise<void> {
  try {
    tell({ kind: 'answer', ask, ok: true, rows: await work() });
  } catch (error) {
    tell({ kind: 'answer', ask, ok: false, rows: [String(error)] });
  }
}

process.on('message', (message: ToProcess) => {
  if (message.kind === 'go') become(message.orders).catch(end);
  if (message.kind === 'crash-at') points.arm(message.crash);
  if (message.kind === 'skew') clock.skewMs = message.ms;
  if (message.kind === 'lag') points.lagging = message.topic;
  if (message.kind === 'append') {
    void answer(message.ask, async () => {
      const log = running!.app.get<EventLog>(EVENT_LOG, { strict: false });
      const timestamp = epochMs(clock.now());
      const records = message.records.map(({ key, base64 }) => ({
        key,
        value: Buffer.from(base64, 'base64'),
        timestamp,
      }));
      await log.append(message.topic, records);
      return [];
    });
  }
  if (message.kind === 'sql') {
    const asked = { name: 'chaos', about: 'For tests.', sql: message.sql, params: z.object({}), row: z.unknown() };
    void answer(message.ask, () => running!.store.rows(asked, {}));
  }
});
tell({ kind: 'warm' });
