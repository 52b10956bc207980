import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { EpochMs } from '#domain';
import { DAY } from '#domain';
import type { Label } from '#pipeline';
import { parseLabel } from '#pipeline';
import type { Environment } from '#platform';
import { generalSettings, loadConfig } from '#platform';
import { date } from '../dates.js';
import { interruptible } from '../interruptible.js';
import type { Terminal } from '../terminal.js';
import { checkRules } from './check-rules.js';
import { measureRules } from './measure-rules.js';

const label = (text: string): Label => {
  const read = parseLabel(text);
  if (typeof read === 'string') throw new InvalidArgumentError(read);
  return read;
};

interface MeasureOptions {
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly label: Label;
  readonly against?: string | true;
  readonly json?: string;
  readonly html?: string;
}

/** `churnwatch rules ...`: what a pack says, and how good it would have been. */
export function addRules(
  program: Command,
  settings: () => Environment,
  terminal: Terminal,
  succeed: (well: boolean) => void,
): void {
  const rules = program.command('rules').description('look after the rules of a pack');
  rules
    .command('check')
    .description('read a pack as a start would: mistakes as file:line:column, and what is seldom meant')
    .argument('[pack]', 'name of a shipped pack, or a folder; default: the one in the settings')
    .action((pack: string | undefined) =>
      succeed(checkRules(pack ?? loadConfig(generalSettings, settings()).PACK, terminal)),
    );
  rules
    .command('measure')
    .description('play a pack over the history in the store, tell nobody, and say how good each rule would have been')
    .argument('<pack>', 'name of a shipped pack, or a folder')
    .option('--from <date>', 'leave out alerts and lapses before; a date is its first instant, UTC', date)
    .option('--to <date>', 'where the data end; default: the last event', date)
    .addOption(
      new Option('--label <label>', 'what an alert ought to foresee: "no activity SPAN" or "event TYPE SPAN"')
        .argParser(label)
        .default({ kind: 'no-activity', horizonMs: 30 * DAY } satisfies Label, 'no activity 30d'),
    )
    .option('--against [pack]', 'show what would change: alone, against the pack in the settings')
    .option('--json <file>', 'write the figures there as well')
    .option('--html <file>', 'write a report for a browser there as well')
    .action(async (pack: string, options: MeasureOptions) =>
      succeed(await interruptible((signal) => measureRules({ ...options, pack, env: settings(), signal }, terminal))),
    );
}
