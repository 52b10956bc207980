import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage, sectionNames, settingRows, withConfigurationTable } from './configuration-page.js';

const page = join(process.cwd(), 'docs/configuration.md');

describe('docs/configuration.md', () => {
  it('is what the settings say', () => {
    // `npm run generate:config` comes through here, so that writing and checking cannot differ.
    if (process.env['GENERATE'] === '1') writeFileSync(page, configurationPage());
    expect(readFileSync(page, 'utf8')).toBe(configurationPage());
  });

  it('stands in the README as well', () => {
    const readme = join(process.cwd(), 'README.md');
    const text = readFileSync(readme, 'utf8');
    if (process.env['GENERATE'] === '1') writeFileSync(readme, withConfigurationTable(text));
    expect(readFileSync(readme, 'utf8')).toBe(withConfigurationTable(text));
  });

  it('explains every setting', () => {
    const mute = sectionNames.flatMap(settingRows).filter(({ about }) => about.length < 10);
    expect(mute).toEqual([]);
  });

  it('shows defaults and bounds', () => {
    expect(configurationPage()).toContain('| `KAFKA_PARTITIONS` | `12` | 1 to 1000 |');
    expect(configurationPage()).toContain('| `LOCALE` | `en` | en, zh |');
    expect(configurationPage()).toContain('| `SMTP_URL` | unset | text |');
  });
});
