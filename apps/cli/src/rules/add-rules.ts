import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { EpochMs } from '#domain';
import { DAY, epochMs } from '#domain';
import type { Label } from '#pipeline';
import { parseLabel } from '#pipeline';
import type { Environment } from '#platform';
import { generalSettings, loadConfig } from '#platform';
import { interruptible } from '../interruptible.js';
import type { Terminal } from '../terminal.js';
import { checkRules } from './check-rules.js';
import { measureRules } from './measure-rules.js';

const date = (text: string): EpochMs => {
  const isInstant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  if (!isInstant || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Write it like 2026-03-01, or 2026-03-01T08:00Z.');
  return epochMs(Date.parse(text));
};
const label = (text: string): Label => {
  const read = parseLabel(text);
  if (typeof read === 'string') throw new InvalidArgumentError(read);
  return read;
};

interface MeasureOptions {
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly label: Label;
  readonly json?: string;
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
    .option('--json <file>', 'write the figures there as well')
    .action(async (pack: string, options: MeasureOptions) => {
      const asked = { ...options, pack, env: settings() };
      succeed(await interruptible((signal) => measureRules({ ...asked, signal }, terminal)));
    });
}
