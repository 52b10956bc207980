import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { EpochMs, EventType } from '#domain';
import { epochMs, eventTypes, parseSpan } from '#domain';
import type { Environment } from '#platform';
import { interruptible } from '../interruptible.js';
import type { Terminal } from '../terminal.js';
import { evaluateScore } from './evaluate-score.js';

const span = (text: string): number => {
  const ms = parseSpan(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('Write it like 30d.');
  return ms;
};
const dates = (text: string): readonly EpochMs[] =>
  text.split(',').map((part) => {
    const at = Date.parse(part.trim());
    if (!/^\d{4}-\d\d-\d\d(T\S+)?$/.test(part.trim()) || Number.isNaN(at))
      throw new InvalidArgumentError('Write them like 2026-03-01,2026-04-01: each is its first instant, UTC.');
    return epochMs(at);
  });
/** Null: no activity. */
const label = (text: string): EventType | null => {
  if (text.trim() === 'no activity') return null;
  const name = /^event (\S+)$/.exec(text.trim())?.[1];
  if (name === undefined) throw new InvalidArgumentError('Write it like "no activity" or "event cancellation".');
  const type = eventTypes.find((each) => each === name);
  if (type === undefined) throw new InvalidArgumentError(`There is no event type "${name}".`);
  return type;
};

interface EvaluateOptions {
  readonly label: EventType | null;
  readonly horizon?: number;
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
    .addOption(
      new Option('--label <label>', 'what is foretold: "no activity" or "event TYPE"')
        .argParser(label)
        .default(null, 'no activity'),
    )
    .option('--horizon <span>', 'within how long; default: 30 days, or longer where customers come seldom', span)
    .option('--cutoffs <dates>', 'when to score, comma-separated; default: up to four late ones', dates)
    .option('--scores <file>', 'write customer,cutoff,score,label there, for others to compute it all again')
    .option('--json <file>', 'write the figures there as well')
    .action(async ({ label, horizon, cutoffs, ...files }: EvaluateOptions) => {
      const asked = { event: label, horizonMs: horizon, cutOffs: cutoffs, ...files };
      succeed(await interruptible((signal) => evaluateScore({ ...asked, env: settings(), signal }, terminal)));
    });
}
