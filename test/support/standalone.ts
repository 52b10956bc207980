import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#domain';
import type { FeedLimits, Observer } from '#pipeline';
import { noFeedVouches } from '#pipeline';
import type { RunningRole } from '#platform';
import { createLog, startRole } from '#platform';
import type { RoleName, Running } from '../../apps/standalone/src/start-roles.js';
import { roleNames, startRoles } from '../../apps/standalone/src/start-roles.js';

export interface StandaloneOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly observer?: Observer;
  readonly slackMs?: number;
  /** Under a clock of one's own no feed vouches unless told so: feeds of tests come to an end. */
  readonly feedLimits?: FeedLimits;
  readonly roles?: readonly RoleName[];
  /** Keep running on what an earlier one left behind. */
  readonly dataDir?: string;
}

export interface Standalone extends Running {
  readonly dataDir: string;
  readonly role: RunningRole;
  /** Lets go in order; the data stay until `forget`. */
  stop(): Promise<void>;
  forget(): void;
}

/** The real app in this process, on the embedded engine and free ports. */
export async function startStandalone(options: StandaloneOptions = {}): Promise<Standalone> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'churnwatch-test-'));
  const own = { DATA_DIR: dataDir, HTTP_PORT: '0', METRICS_PORT: '0' };
  const env = { ...own, PROGRESS_MS: '50', HISTORY_SETTLE_SECONDS: '1', ...options.env };
  const { clock, observer, slackMs } = options;
  let running: Running | undefined;
  const role = await startRole(
    'test',
    async (context) => {
      running = await startRoles(options.roles ?? roleNames, context, {
        ...(clock ? { clock } : {}),
        ...(observer ? { observer } : {}),
        ...(slackMs === undefined ? {} : { slackMs }),
        ...(options.feedLimits ? { feedLimits: options.feedLimits } : clock ? { feedLimits: noFeedVouches } : {}),
      });
      return running.steps;
    },
    { env, log: createLog('test', 'silent') },
  );
  return {
    ...running!,
    dataDir,
    role,
    stop: () => role.stop(),
    forget: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Waits until `condition` gives something other than null, undefined or false; fails with `what` after `boundMs`. */
export async function until<T>(
  what: string,
  condition: () => Promise<T> | T,
  boundMs = 30_000,
): Promise<NonNullable<T>> {
  const endsAt = performance.now() + boundMs;
  for (;;) {
    const result = await condition();
    if (result !== null && result !== undefined && result !== false) return result as NonNullable<T>;
    if (performance.now() > endsAt) throw new Error(`waited ${boundMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
