import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command, Option } from 'commander';
import { ChurnError } from '#domain';
import { loadMapping } from '#pipeline';
import type { Environment } from '#platform';
import { generalSettings, loadConfig, packFolder } from '#platform';
import { GatewayClient } from '../gateway-client.js';
import type { Terminal } from '../terminal.js';
import type { ImportRequest } from './import-file.js';
import { importFile } from './import-file.js';
import { eventFields, parseColumns } from './mapping.js';

interface ImportOptions {
  readonly mapping?: string;
  readonly map?: string;
  readonly type?: string;
  readonly attributes?: string[];
  readonly utcOffset: string;
  readonly source?: string;
  readonly url: string;
  readonly restart: boolean;
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim());
const offset = (text: string): string => {
  if (!/^([+-]\d\d:\d\d|Z)$/.test(text)) throw new InvalidArgumentError('Write it like +08:00.');
  return text;
};

/** `churnwatch import`: history from files. */
export function addImport(
  program: Command,
  settings: () => Environment,
  terminal: Terminal,
  gatewayOption: () => Option,
): void {
  const command = program
    .command('import')
    .description('send history from CSV or NDJSON files (also .gz) to the gateway; run it again to go on after a stop')
    .argument('<files...>', 'files; NDJSON without --map or --mapping holds CloudEvents')
    .option('--mapping <pack>', 'a pack whose mapping.yaml says what the columns hold, or such a file')
    .option('--map <pairs>', `FIELD=COLUMN, comma-separated; fields: ${eventFields.join(', ')}`)
    .option('--type <type>', 'event type of every row, where no column says it')
    .option('--attributes <columns>', 'columns to keep as attributes', names)
    .option('--utc-offset <offset>', 'of times that carry none', offset, 'Z')
    .option('--source <name>', 'name of the source; default: the file’s content hash')
    .option('--restart', 'forget how far an earlier run came', false)
    .addOption(gatewayOption());
  command.action(async (files: string[], options: ImportOptions) => {
    const mapping = options.mapping === undefined ? byOptions(options, files) : byFile(options.mapping, command);
    for (const path of files) {
      const result = await importFile({
        path,
        mapping: { ...mapping, source: options.source ?? mapping.source },
        gateway: new GatewayClient(options.url),
        stateFolder: join(loadConfig(generalSettings, settings()).DATA_DIR, 'imports'),
        restart: options.restart,
        bar: (total) => terminal.bar(path, total),
      });
      const went = result.resumedAt > 0 ? ` (${result.resumedAt} of them before)` : '';
      const skipped = result.skipped > 0 ? `${result.skipped} skipped, ` : '';
      terminal.say(
        `${path}: ${result.rows} rows${went}, ${skipped}${result.accepted} accepted, ${result.rejected} rejected`,
      );
      if (result.rejectsPath !== null) terminal.say(`  rejected rows and why: ${result.rejectsPath}`);
    }
  });
}

function byFile(named: string, command: Command): ImportRequest['mapping'] {
  for (const option of ['map', 'type', 'attributes', 'utcOffset']) {
    if (command.getOptionValueSource(option) === 'cli')
      throw new ChurnError('IMPORT_INVALID', `--mapping says it all: leave out --${option.replace('O', '-o')}`);
  }
  const folder = packFolder(named);
  const isFolder = existsSync(folder) && statSync(folder).isDirectory();
  const { source, columns, types, utc_offset, attributes } = loadMapping(
    isFolder ? join(folder, 'mapping.yaml') : named,
  );
  return { source, columns, types, type: undefined, utcOffset: utc_offset, attributes };
}

function byOptions(options: ImportOptions, files: readonly string[]): ImportRequest['mapping'] {
  const { map, type, attributes = [], utcOffset, source } = options;
  const columns = map === undefined ? null : parseColumns(map);
  if (columns === null) {
    const csv = files.find((path) => /\.[ct]sv(\.gz)?$/i.test(path));
    if (csv !== undefined)
      throw new ChurnError('IMPORT_INVALID', `${csv}: say with --map or --mapping which column holds what`);
  } else {
    const missing = (['customer', 'time'] as const).filter((field) => columns[field] === undefined);
    if (missing.length > 0)
      throw new ChurnError('IMPORT_INVALID', `--map: ${missing.join(' and ')} must have a column`);
    if (columns.type === undefined && type === undefined)
      throw new ChurnError('IMPORT_INVALID', '--map: name the column of the type, or give one with --type');
  }
  return { columns, types: null, type, attributes, utcOffset, source };
}
