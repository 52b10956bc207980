import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ChurnError } from '#domain';
import type { Environment } from '#platform';
import { generalSettings, loadConfig } from '#platform';
import { doctor } from './doctor/doctor.js';
import { explainAlert } from './explain-alert.js';
import { addFeeds } from './feed-commands.js';
import type { FeedName } from './feeds.js';
import { feedNames, openFeed } from './feeds.js';
import { GatewayClient } from './gateway-client.js';
import { addIncidents } from './incident-commands.js';
import { importFile } from './import/import-file.js';
import { eventFields, parseColumns } from './import/mapping.js';
import { init } from './init.js';
import { makeTopics, migrateStore } from './set-up.js';
import { playFeed } from './play-feed.js';
import { addDeadLetters } from './letters/add-letters.js';
import { addRules } from './rules/add-rules.js';
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
const names = (text: string): string[] => text.split(',').map((name) => name.trim());
const offset = (text: string): string => {
  if (!/^([+-]\d\d:\d\d|Z)$/.test(text)) throw new InvalidArgumentError('Write it like +08:00.');
  return text;
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
  addImport(program, settings, terminal);
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

interface ImportOptions {
  readonly map?: string;
  readonly type?: string;
  readonly attributes?: string[];
  readonly utcOffset: string;
  readonly source?: string;
  readonly url: string;
  readonly restart: boolean;
}

function addImport(program: Command, settings: () => Environment, terminal: Terminal): void {
  program
    .command('import')
    .description('send history from CSV or NDJSON files (also .gz) to the gateway; run it again to go on after a stop')
    .argument('<files...>', 'files; NDJSON without --map holds CloudEvents')
    .option('--map <pairs>', `FIELD=COLUMN, comma-separated; fields: ${eventFields.join(', ')}`)
    .option('--type <type>', 'event type of every row, where no column says it')
    .option('--attributes <columns>', 'columns to keep as attributes', names)
    .option('--utc-offset <offset>', 'of times that carry none', offset, 'Z')
    .option('--source <name>', 'name of the source; default: the file’s content hash')
    .option('--restart', 'forget how far an earlier run came', false)
    .addOption(gatewayOption())
    .action(async (files: string[], options: ImportOptions) => {
      const columns = options.map === undefined ? null : parseColumns(options.map);
      requireFields(columns, options, files);
      for (const path of files) {
        const result = await importFile({
          path,
          mapping: {
            columns,
            type: options.type,
            attributes: options.attributes ?? [],
            utcOffset: options.utcOffset,
            source: options.source,
          },
          gateway: new GatewayClient(options.url),
          stateFolder: join(loadConfig(generalSettings, settings()).DATA_DIR, 'imports'),
          restart: options.restart,
          bar: (total) => terminal.bar(path, total),
        });
        const went = result.resumedAt > 0 ? ` (${result.resumedAt} of them before)` : '';
        terminal.say(`${path}: ${result.rows} rows${went}, ${result.accepted} accepted, ${result.rejected} rejected`);
        if (result.rejectsPath !== null) terminal.say(`  rejected rows and why: ${result.rejectsPath}`);
      }
    });
}

function requireFields(columns: ReturnType<typeof parseColumns> | null, options: ImportOptions, files: string[]): void {
  if (columns === null) {
    const csv = files.find((path) => /\.[ct]sv(\.gz)?$/i.test(path));
    if (csv !== undefined) throw new ChurnError('IMPORT_INVALID', `${csv}: say with --map which column holds what`);
    return;
  }
  const missing = (['customer', 'time'] as const).filter((field) => columns[field] === undefined);
  if (missing.length > 0) throw new ChurnError('IMPORT_INVALID', `--map: ${missing.join(' and ')} must have a column`);
  if (columns.type === undefined && options.type === undefined) {
    throw new ChurnError('IMPORT_INVALID', '--map: name the column of the type, or give one with --type');
  }
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
      new Option('--base <name>', 'made-up users of an app, or real households').choices(feedNames).default('app'),
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
