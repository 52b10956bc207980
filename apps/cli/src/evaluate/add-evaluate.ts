import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { EpochMs } from '#domain';
import { epochMs } from '#domain';
import type { Environment } from '#platform';
import { interruptible } from '../interruptible.js';
import type { Terminal } from '../terminal.js';
import { evaluateScore } from './evaluate-score.js';
import type { QuestionOptions } from './question-options.js';
import { horizonOption, labelOption } from './question-options.js';

const dates = (text: string): readonly EpochMs[] =>
  text.split(',').map((part) => {
    const at = Date.parse(part.trim());
    if (!/^\d{4}-\d\d-\d\d(T\S+)?$/.test(part.trim()) || Number.isNaN(at))
      throw new InvalidArgumentError('Write them like 2026-03-01,2026-04-01: each is its first instant, UTC.');
    return epochMs(at);
  });

interface EvaluateOptions extends QuestionOptions {
  readonly cutoffs?: readonly EpochMs[];
  readonly scores?: string;
  readonly json?: string;
}

/** `churnwatch evaluate`: is the score worth anything on these data? */
export function addEvaluate(
  program: Command,
  settings: () => Environment,
  terminal: Terminal,
  succeed: (well: boolean) => void,
): void {
  program
    .command('evaluate')
    .description('hold the score against what came in the history in the store, and against simpler ones')
    .addOption(labelOption())
    .addOption(horizonOption())
    .option('--cutoffs <dates>', 'when to score, comma-separated; default: up to four late ones', dates)
    .option('--scores <file>', 'write customer,cutoff,score,label there, for others to compute it all again')
    .option('--json <file>', 'write the figures there as well')
    .action(async ({ label, horizon, cutoffs, ...files }: EvaluateOptions) => {
      const asked = { event: label, horizonMs: horizon, cutOffs: cutoffs, ...files };
      succeed(await interruptible((signal) => evaluateScore({ ...asked, env: settings(), signal }, terminal)));
    });
}
