import { writeFile } from 'node:fs/promises';
import { sectionNames, settingRows } from '#platform';
import type { Terminal } from './terminal.js';

/** Every setting with its meaning and default, commented out. */
export function settingsFile(): string {
  const sections = sectionNames.map((section) => [
    `# ${section}`,
    ...settingRows(section).map(
      ({ name, fallback, accepts, about }) => `# ${about}\n# Accepts: ${accepts}\n#${name}=${fallback}\n`,
    ),
  ]);
  return [
    '# Churnwatch settings. Remove the # before a line to change it; docs/configuration.md explains them.',
    '# For a secret, NAME_FILE=/path may stand instead of NAME=value.',
    '',
    ...sections.flat(),
  ].join('\n');
}

/** Writes a settings file to start from; never over one that is there. */
export async function init(path: string, terminal: Terminal): Promise<boolean> {
  try {
    await writeFile(path, settingsFile(), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    terminal.say(`${path} is there already and was left as it is.`);
    return false;
  }
  terminal.say(`Wrote ${path}: every setting, commented out. Without changes all of Churnwatch runs in one process.`);
  terminal.say('Next:');
  terminal.say(`  churnwatch --settings ${path} doctor     says what is missing`);
  terminal.say(`  churnwatch --settings ${path} topics     makes the Kafka topics (with KAFKA_BROKERS)`);
  terminal.say(`  churnwatch --settings ${path} migrate    makes the tables (with CLICKHOUSE_URL)`);
  terminal.say(`  node --env-file=${path} dist/apps/standalone/src/main.js`);
  return true;
}
