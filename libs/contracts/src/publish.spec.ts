import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publications } from './publish.js';

const docs = join(import.meta.dirname, '../../../docs');

describe('the published contracts', () => {
  // `npm run generate:contracts` sets GENERATE and so writes what this spec otherwise compares.
  it.each([...publications()])('docs/%s is what the code says', (path, text) => {
    const file = join(docs, path);
    if (process.env['GENERATE'] === '1') {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
