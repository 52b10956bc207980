import { Registry } from 'prom-client';
import { ChurnError } from '#domain';
import type { Environment } from './config/load-config.js';
import { checkAllSettings, loadConfig } from './config/load-config.js';
import { generalSettings, httpSettings } from './config/settings.js';
import { Health } from './health.js';
import type { Log } from './logging.js';
import { createLog } from './logging.js';
import { addProcessMetrics } from './metrics.js';
import type { OpsServer } from './ops.server.js';
import { startOpsServer } from './ops.server.js';

/**
 * The order in which a process lets go. Nothing is closed before what writes to it has stopped:
 * a batch abandoned half-way is repeated after the restart, a courier cut off sends the same alert id again.
 */
export const shutdownOrder = [
  'stop-listening',
  'stop-fetching',
  'finish-batches',
  'drain-courier',
  'close-producers',
  'close-store',
] as const;
export type ShutdownStage = (typeof shutdownOrder)[number];
export type ShutdownSteps = Partial<Readonly<Record<ShutdownStage, () => Promise<unknown>>>>;

/** What every role gets before it builds anything. */
export interface RoleContext {
  readonly role: string;
  readonly env: Environment;
  readonly log: Log;
  readonly health: Health;
  /** Hand it to `createMetrics`; process metrics are in it already. */
  readonly registry: Registry;
  /** Ends the process the orderly way, as a SIGTERM would, but with exit status 1. */
  readonly fail: (error: unknown) => void;
}

export type StartRole = (context: RoleContext) => Promise<ShutdownSteps>;

export interface RunningRole {
  readonly context: RoleContext;
  readonly opsPort: number;
  /** Lets go in order, within DRAIN_MS. Calling it again waits for the same end. */
  stop(reason?: string): Promise<void>;
}

/** Starts a role inside this process: for `runRole`, and for tests that want the real thing. */
export async function startRole(
  role: string,
  start: StartRole,
  options: { readonly env?: Environment; readonly log?: Log; readonly onFailure?: (error: unknown) => void } = {},
): Promise<RunningRole> {
  const env = options.env ?? process.env;
  const settings = loadConfig(generalSettings, env);
  const http = loadConfig(httpSettings, env);
  const log = options.log ?? createLog(role, settings.LOG_LEVEL);
  const health = new Health();
  const registry = new Registry();
  addProcessMetrics(registry);
  const ops = await startOpsServer(http.METRICS_HOST, http.METRICS_PORT, { health, registry });
  const fail = (error: unknown): void => {
    log.error('role-failed', { err: error });
    options.onFailure?.(error);
  };
  const context: RoleContext = { role, env, log, health, registry, fail };
  try {
    const steps = await start(context);
    health.started();
    log.info('started', { opsPort: ops.port });
    let stopped: Promise<void> | null = null;
    const stop = (reason = 'asked'): Promise<void> =>
      (stopped ??= letGo(steps, ops, context, settings.DRAIN_MS, reason));
    return { context, opsPort: ops.port, stop };
  } catch (error) {
    await ops.close();
    throw error;
  }
}

async function letGo(
  steps: ShutdownSteps,
  ops: OpsServer,
  { health, log, registry }: RoleContext,
  drainMs: number,
  reason: string,
): Promise<void> {
  log.info('stopping', { reason, drainMs });
  health.stopping();
  const endsAt = performance.now() + drainMs;
  const stages = shutdownOrder.filter((stage) => steps[stage] !== undefined);
  for (const [index, stage] of stages.entries()) {
    // Each later stage keeps a twentieth of the budget: a batch that hangs must not cost the store its close.
    const reservedMs = (stages.length - 1 - index) * (drainMs / 20);
    const boundMs = Math.max(endsAt - performance.now() - reservedMs, drainMs / 20);
    await runStage(stage, steps[stage]!, boundMs, log);
  }
  registry.clear();
  await ops.close();
  log.info('stopped', { reason });
}

async function runStage(stage: ShutdownStage, step: () => Promise<unknown>, boundMs: number, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), boundMs);
  });
  try {
    const end = await Promise.race([step(), bound]);
    if (end === 'late') log.warn('stop-stage-abandoned', { stage, boundMs: Math.round(boundMs) });
  } catch (error) {
    log.warn('stop-stage-failed', { stage, err: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The whole life of a role's process. With `--check-config` it only checks every setting.
 * Exits 0 after SIGTERM or SIGINT, 1 when the role could not start or failed, 2 when the settings are wrong.
 * A second signal ends the process at once.
 */
export async function runRole(role: string, start: StartRole): Promise<void> {
  if (process.argv.includes('--check-config')) return checkConfigAndExit();
  let running: RunningRole | undefined;
  let asked = false;
  const finish = async (reason: string, status: number): Promise<void> => {
    if (asked) process.exit(1);
    asked = true;
    // Before the role runs there is nothing to let go of in order.
    await running?.stop(reason);
    process.exit(status);
  };
  process.on('SIGTERM', () => void finish('SIGTERM', 0));
  process.on('SIGINT', () => void finish('SIGINT', 0));
  try {
    running = await startRole(role, start, { onFailure: () => void finish('failure', 1) });
  } catch (error) {
    process.stderr.write(`${explainFailure(role, error)}\n`);
    process.exit(statusOf(error));
  }
}

function checkConfigAndExit(): never {
  try {
    checkAllSettings(process.env);
  } catch (error) {
    process.stderr.write(`${explainFailure('', error)}\n`);
    process.exit(statusOf(error));
  }
  process.stdout.write('All settings can be used.\n');
  process.exit(0);
}

const statusOf = (error: unknown): number => (error instanceof ChurnError && error.code === 'CONFIG_INVALID' ? 2 : 1);

/** One paragraph for whoever stands before a process that did not start. */
export function explainFailure(role: string, error: unknown): string {
  const who = role === '' ? 'Churnwatch' : `The ${role}`;
  if (!(error instanceof ChurnError)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${who} could not start, for a reason nobody foresaw:\n${detail}`;
  }
  const cause = error.cause instanceof Error ? `\nBecause: ${error.cause.message}` : '';
  return `${who} could not start. ${error.code}: ${error.message}${cause}\nWhat to do: docs/errors/${error.code}.md`;
}
