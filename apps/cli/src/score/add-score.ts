import type { Command } from 'commander';
import type { Environment } from '#platform';
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
    .command('promote')
    .description('score by this version from now on')
    .argument('<version>', 'as `models` lists it')
    .action((version: string) => run({}, (commands) => commands.promote(version)));
  score
    .command('rollback')
    .description('take the last promotion back')
    .action(() => run({}, (commands) => commands.rollback()));
}
