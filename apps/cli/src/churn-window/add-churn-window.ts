import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Environment } from '#platform';
import { date, span } from '../dates.js';
import { interruptible } from '../interruptible.js';
import type { Period } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { proposeWindow } from './propose-window.js';

const share = (text: string): number => {
  const percent = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1];
  if (percent === undefined || Number(percent) <= 0 || Number(percent) >= 100)
    throw new InvalidArgumentError('Write it in percent, between 0 and 100, like 10.');
  return Number(percent) / 100;
};

interface WindowOptions extends Partial<Period> {
  readonly level: number;
  readonly horizon?: number;
  readonly json?: string;
  readonly html?: string;
}

/** `churnwatch churn-window`: from how many days of silence on is a customer lost? */
export function addChurnWindow(
  program: Command,
  settings: () => Environment,
  terminal: Terminal,
  succeed: (well: boolean) => void,
): void {
  program
    .command('churn-window')
    .description('say who comes back from how long a silence in the store, and from when on to call a customer lost')
    .argument('<pack>', 'whose activity counts: name of a shipped pack, or a folder')
    .option('--level <percent>', 'lost when fewer than so many come back', share, 0.1)
    .option('--horizon <span>', 'within how long; default: 90 days, a quarter of the data at most', span)
    .option('--from <date>', 'leave out silences that began before; a date is its first instant, UTC', date)
    .option('--to <date>', 'where the data end; default: the last event', date)
    .option('--json <file>', 'write the figures there as well')
    .option('--html <file>', 'write a report for a browser there as well')
    .action(async (pack: string, { horizon, ...options }: WindowOptions) =>
      succeed(
        await interruptible((signal) =>
          proposeWindow(
            { ...options, ...(horizon === undefined ? {} : { horizonMs: horizon }), pack, env: settings(), signal },
            terminal,
          ),
        ),
      ),
    );
}
