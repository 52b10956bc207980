import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ChurnError } from '#domain';
import type { Environment } from '#platform';
import { addChurnWindow } from './churn-window/add-churn-window.js';
import { doctor } from './doctor/doctor.js';
import { explainAlert } from './explain-alert.js';
import { addEvaluate } from './evaluate/add-evaluate.js';
import { addFeeds } from './feed-commands.js';
import type { FeedName } from './feeds.js';
import { feedNames, openFeed } from './feeds.js';
import { GatewayClient } from './gateway-client.js';
import { addIncidents } from './incident-commands.js';
import { addImport } from './import/add-import.js';
import { init } from './init.js';
import { makeTopics, migrateStore } from './set-up.js';
import { playFeed } from './play-feed.js';
import { addDeadLetters } from './letters/add-letters.js';
import { addRules } from './rules/add-rules.js';
import { addScore } from './score/add-score.js';
import type { Terminal } from './terminal.js';

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('Not a number from 0 up.');
  return value;
};
const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not a whole number from 1 up.');
  return Number(text);
};
const url = (text: string): string => {
  if (!URL.canParse(text)) throw new InvalidArgumentError('Not an address.');
  return text;
};
const gatewayOption = () =>
  new Option('--url <address>', 'address of the gateway').argParser(url).default('http://127.0.0.1:8080');

/** The whole command line. A command that finds something wrong sets exit status 1. */
export function churnwatch(terminal: Terminal): Command {
  const program = new Command('churnwatch')
    .description('Operates Churnwatch: sets it up, feeds it, looks after it.')
    .option('--settings <file>', 'settings file to read; variables already set win', 'churnwatch.env')
    .showHelpAfterError();
  const settings = (): Environment => ({ ...readSettingsFile(program), ...process.env });
  const succeed = (well: boolean): void => {
    if (!well) process.exitCode = 1;
  };

  program
    .command('init')
    .description('write a settings file to start from')
    .argument('[file]', 'where', 'churnwatch.env')
    .action(async (file: string) => succeed(await init(file, terminal)));
  program
    .command('doctor')
    .description('say what is missing or wrong here, and what to do')
    .action(async () => succeed(await doctor(settings(), terminal)));
  program
    .command('migrate')
    .description('bring the tables in ClickHouse up to date')
    .action(() => migrateStore(settings(), terminal));
  program
    .command('topics')
    .description('make the Kafka topics that are missing')
    .action(async () => succeed(await makeTopics(settings(), terminal)));
  program
    .command('explain')
    .description('decide an alert anew, by its rule as it was and at the instant it is about, and say how')
    .argument('<alert>', 'its id')
    .addOption(gatewayOption())
    .action(async (id: string, { url }: { readonly url: string }) => succeed(await explainAlert(url, id, terminal)));
  addRules(program, settings, terminal, succeed);
  addChurnWindow(program, settings, terminal, succeed);
  addEvaluate(program, settings, terminal, succeed);
  addScore(program, settings, terminal, succeed);
  addImport(program, settings, terminal, gatewayOption);
  addSimulate(program, terminal);
  addDeadLetters(program, terminal, gatewayOption, succeed);
  addFeeds(program, terminal, gatewayOption, succeed);
  addIncidents(program, terminal, gatewayOption, succeed);
  return program;
}

function readSettingsFile(program: Command): Environment {
  const path = program.opts<{ settings: string }>().settings;
  if (existsSync(path)) return parseEnv(readFileSync(path, 'utf8')) as Environment;
  if (program.getOptionValueSource('settings') === 'cli') {
    throw new ChurnError('CONFIG_INVALID', `--settings: there is no ${path}; \`churnwatch init\` writes one`);
  }
  return {};
}

interface SimulateOptions {
  readonly base: FeedName;
  readonly seed: number;
  readonly customers: number;
  readonly days: number;
  readonly speed: number;
  readonly url: string;
}

function addSimulate(program: Command, terminal: Terminal): void {
  program
    .command('simulate')
    .description('play a customer base to the gateway, its times moved up to today')
    .addOption(
      new Option('--base <name>', 'made-up customers of the pack of that name, or real households')
        .choices(feedNames)
        .default('app'),
    )
    .option('--seed <number>', 'of the made-up base: the same seed gives the same events', wholeNumber, 1)
    .option('--customers <number>', 'of the made-up base', wholeNumber, 500)
    .option('--days <number>', 'of the made-up base', wholeNumber, 120)
    .option('--speed <factor>', 'simulated seconds per second; 0: as fast as it goes', number, 0)
    .addOption(gatewayOption())
    .action(async (options: SimulateOptions) => {
      const { accepted, rejected } = await playFeed({
        feed: openFeed(options),
        gateway: new GatewayClient(options.url),
        speed: options.speed,
        bar: (total) => terminal.bar(options.base, total),
      });
      terminal.say(`${accepted} events accepted, ${rejected} rejected`);
      if (rejected > 0) process.exitCode = 1;
    });
}
