import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPack } from '#pipeline';
import { aModel } from '../../../../test/support/a-model.js';
import { sqlPages } from './sql-pages.js';

const folder = join(process.cwd(), 'docs/sql');

describe('docs/sql', () => {
  it('holds every statement that is sent, as it is sent', () => {
    const pages = sqlPages(
      readdirSync('packs').map((name) => loadPack(join('packs', name))),
      aModel(),
    );
    // `npm run generate:sql` comes through here, so that writing and checking cannot differ.
    if (process.env['GENERATE'] === '1') {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      for (const [file, text] of pages) writeFileSync(join(folder, file), text);
    }
    const stored = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
    expect([...stored.keys()].sort()).toEqual([...pages.keys()].sort());
    for (const [file, text] of pages) expect(stored.get(file)).toBe(text);
  });
});
