import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { EpochMs } from '#domain';
import type { Environment } from '#platform';
import { date } from '../dates.js';
import type { QuestionOptions } from '../evaluate/question-options.js';
import { horizonOption, labelOption } from '../evaluate/question-options.js';
import { interruptible } from '../interruptible.js';
import type { Terminal } from '../terminal.js';
import { ScoreCommands } from './score-commands.js';
import { trainScore } from './train-score.js';
import { withModels } from './with-models.js';

interface Printed {
  readonly json?: boolean;
}

interface CustomersOptions extends Printed {
  readonly at?: EpochMs;
  readonly top: number;
}

const positive = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number, 1 or more.');
  return Number(text);
};

const asJson = ['--json', 'print JSON instead'] as const;

/** `churnwatch score ...`: trains scores for the pack in the settings, and says which of them is in force. */
export function addScore(
  program: Command,
  settings: () => Environment,
  terminal: Terminal,
  succeed: (well: boolean) => void,
): void {
  const score = program.command('score').description('train scores, compare them, and say which is in force');
  const run = async (printed: Printed, work: (commands: ScoreCommands) => Promise<boolean>): Promise<void> => {
    const isJson = printed.json === true;
    succeed(await withModels(settings(), (models) => work(new ScoreCommands(models, terminal, isJson))));
  };
  score
    .command('train')
    .description('learn from the history in the store, hold it against what came, and keep it with its figures')
    .addOption(labelOption())
    .addOption(horizonOption())
    .option(...asJson)
    .action(async ({ label, horizon, json }: QuestionOptions & Printed) => {
      const train = (signal: AbortSignal): Promise<boolean> =>
        withModels(settings(), (models) =>
          trainScore(models, { event: label, horizonMs: horizon, json: json === true, signal }, terminal),
        );
      succeed(await interruptible(train));
    });
  score
    .command('models')
    .description('all versions side by side, the newest first')
    .option(...asJson)
    .action((options: Printed) => run(options, (commands) => commands.list()));
  score
    .command('show')
    .description('everything there is to know of a version')
    .argument('[version]', 'default: the one in force')
    .option(...asJson)
    .action((version: string | undefined, options: Printed) => run(options, (commands) => commands.show(version)));
  score
    .command('customers')
    .description('score everybody at risk, or some, by the version in force; the likeliest to be lost first')
    .argument('[customer...]', 'only these')
    .option('--at <date>', 'as of when; default: the last event in the store', date)
    .option('--top <n>', 'how many to list', positive, 20)
    .option(...asJson)
    .action((names: string[], options: CustomersOptions) =>
      run(options, (commands) => commands.customers({ names, at: options.at ?? null, top: options.top })),
    );
  score
    .command('promote')
    .description('score by this version from now on')
    .argument('<version>', 'as `models` lists it')
    .action((version: string) => run({}, (commands) => commands.promote(version)));
  score
    .command('rollback')
    .description('take the last promotion back')
    .action(() => run({}, (commands) => commands.rollback()));
}
