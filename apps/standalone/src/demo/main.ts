#!/usr/bin/env node
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { createLog, explainFailure, packageRoot, startRole } from '#platform';
import { openHouseholds, simulate } from '#simulator';
import type { EventFeed } from '#simulator';
import { DAY, epochMs } from '#domain';
import { freePort } from './free-port.js';
import { runDemo } from './run-demo.js';

const options = new Command('demo')
  .description('Replays a year of real households (or a simulated app) through the whole of Churnwatch.')
  .option('--exit', 'stop when the replay is over; the status says whether it did its job')
  .option('--simulate', 'replay the simulated client-app base instead of the households')
  .option('--seed <number>', 'seed of the simulation', Number, 7)
  .option('--customers <number>', 'customers of the simulation', Number, 500)
  .option('--days <number>', 'days of the simulation', Number, 90)
  .option('--seconds <number>', 'how long the replayed time should take at least', Number, 45)
  .parse()
  .opts<{ exit?: true; simulate?: true; seed: number; customers: number; days: number; seconds: number }>();

const feed: EventFeed = options.simulate
  ? simulate({
      seed: options.seed,
      customers: options.customers,
      days: options.days,
      startAt: epochMs(Date.UTC(2026, 0, 5)),
    })
  : openHouseholds();

const dataDir = process.env['DATA_DIR'] ?? join(packageRoot(), '.churnwatch', 'demo');
rmSync(dataDir, { recursive: true, force: true });
const env = {
  LOG_LEVEL: 'warn',
  ...process.env,
  DATA_DIR: dataDir,
  PACK: options.simulate ? 'app' : 'merchant',
  HTTP_PORT: String(await freePort(Number(process.env['HTTP_PORT'] ?? 8080))),
  METRICS_PORT: String(await freePort(Number(process.env['METRICS_PORT'] ?? 9464))),
  // A week of the replayed clock is over in a second: nothing may expire before it could be sent.
  ALERT_TTL_DAYS: '400',
  EVENT_MAX_AGE_DAYS: String(Math.ceil((feed.endAt - feed.startAt) / DAY) + 400),
};

const stopping = new AbortController();
try {
  let outcome: Awaited<ReturnType<typeof runDemo>> | undefined;
  const running = await startRole(
    'demo',
    async (context) => {
      outcome = await runDemo(context, {
        feed,
        seconds: options.seconds,
        keepsServing: !options.exit,
        signal: stopping.signal,
      });
      return outcome.steps;
    },
    { env, log: createLog('demo', env.LOG_LEVEL === 'silent' ? 'silent' : 'warn') },
  );
  const end = async (status: number): Promise<void> => {
    await running.stop();
    process.exit(status);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping.abort();
      void end(0);
    });
  }
  const ok = (await outcome?.finished) ?? false;
  if (options.exit || !ok) await end(ok ? 0 : 1);
} catch (error) {
  process.stderr.write(`${explainFailure('demo', error)}\n`);
  process.exit(1);
}
