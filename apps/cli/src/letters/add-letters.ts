import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { RejectReason } from '#domain';
import { rejectReasons } from '#domain';
import type { Terminal } from '../terminal.js';
import type { ReplayWish } from './letters.js';
import { LetterCommands } from './letters.js';
import { LettersClient } from './letters-client.js';

interface Chosen {
  readonly url: string;
  readonly reason?: RejectReason;
  readonly topic?: string;
}

const reasonOption = () => new Option('--reason <reason>', 'only those refused for it').choices(rejectReasons);
const topicOption = () => new Option('--topic <topic>', 'only those of it');

/** "data.amount=5": the value as JSON where it is some, as text otherwise. */
const assignment = (text: string, before: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const [path, value] = halves(text);
  return { ...before, [path]: jsonOrText(value) };
};
const renaming = (text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const [from, to] = halves(text);
  return { ...before, [from]: to };
};

function halves(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it like PATH=VALUE.');
  return [text.slice(0, at), text.slice(at + 1)];
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const offset = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Not an offset.');
  return Number(text);
};
const pageLength = (text: string): number => {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 200)
    throw new InvalidArgumentError('Not a whole number from 1 to 200.');
  return Number(text);
};

function place(text: string): { readonly topic: string; readonly partition: number } {
  const match = /^(.+)\/(\d{1,9})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write it like churnwatch.activity.v1/3.');
  return { topic: match[1]!, partition: Number(match[2]) };
}

/** `churnwatch dead-letters ...`: over the API, since the store may be inside the running process. */
export function addDeadLetters(
  program: Command,
  terminal: Terminal,
  gatewayOption: () => Option,
  succeed: (well: boolean) => void,
): void {
  const commands = ({ url }: Chosen) => new LetterCommands(new LettersClient(url), terminal);
  const letters = program.command('dead-letters').description('show what was refused and why, and send it back');
  letters
    .command('list')
    .description('groups of letters that say the same, then letters, newest first')
    .addOption(reasonOption())
    .addOption(topicOption())
    .option('--limit <number>', 'most letters shown', pageLength, 20)
    .addOption(gatewayOption())
    .action(async ({ url, ...which }: Chosen & { readonly limit: number }) =>
      succeed(await commands({ url }).list(which)),
    );
  letters
    .command('show')
    .description('all of one letter')
    .argument('<id>', 'TOPIC/PARTITION/OFFSET')
    .addOption(gatewayOption())
    .action(async (id: string, chosen: Chosen) => succeed(await commands(chosen).show(id)));
  letters
    .command('replay')
    .description('send letters back through admission; without --yes it only says what would happen')
    .argument('[ids...]', 'TOPIC/PARTITION/OFFSET; or choose by --reason and --topic')
    .addOption(reasonOption())
    .addOption(topicOption())
    .option('--set <path=value>', 'set a field, as type=app_open or data.amount=5; may be repeated', assignment, {})
    .option('--rename <from=to>', 'move a field, before --set; may be repeated', renaming, {})
    .option('--file <json>', 'the corrected event of one letter')
    .option('--yes', 'do it', false)
    .addOption(gatewayOption())
    .action(async (ids: string[], { url, ...wish }: Chosen & ReplayWish) =>
      succeed(await commands({ url }).replay(ids, wish)),
    );
  letters
    .command('let-pass')
    .description('let a partition that stands still bury what is refused, up to an offset (see DEAD_LETTER_CAP)')
    .argument('<place>', 'TOPIC/PARTITION', place)
    .requiredOption('--up-to <offset>', 'the last offset that may be buried', offset)
    .addOption(gatewayOption())
    .action(async ({ topic, partition }: ReturnType<typeof place>, chosen: Chosen & { readonly upTo: number }) =>
      succeed(await commands(chosen).letPass(topic, partition, chosen.upTo)),
    );
}
