import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

const files = readdirSync('packs').flatMap((pack) =>
  readdirSync(join('packs', pack)).map((file) => join('packs', pack, file)),
);
const schemaLine = /^# yaml-language-server: \$schema=(\S+)\n/;

describe('what editors are told about the files of a pack', () => {
  const checkerFor = (file: string) => {
    const [, address] = schemaLine.exec(readFileSync(file, 'utf8')) ?? [];
    const schema = JSON.parse(readFileSync(join(file, '..', address!), 'utf8')) as object;
    return new Ajv({ allErrors: true }).compile(schema);
  };

  it.each(files)('%s names its schema and follows it', (file) => {
    const check = checkerFor(file);
    check(parse(readFileSync(file, 'utf8')));
    expect(check.errors).toBeNull();
  });

  it('finds a missing owner, a misspelt field, an unknown event and a bad span', () => {
    const rules = parse(readFileSync('packs/app/rules.yaml', 'utf8')) as { rules: Record<string, unknown>[] };
    const check = checkerFor('packs/app/rules.yaml');
    const [first] = rules.rules;
    const { owner: _owner, ...ownerless } = first!;
    expect(check({ rules: [ownerless] })).toBe(false);
    expect(check({ rules: [{ ...first, cooldwn: '1d' }] })).toBe(false);
    expect(check({ rules: [{ ...first, cooldown: '1 d' }] })).toBe(false);
    expect(check({ rules: [first] })).toBe(true);
    const signals = parse(readFileSync('packs/app/signals.yaml', 'utf8')) as { signals: Record<string, object> };
    const checkSignals = checkerFor('packs/app/signals.yaml');
    expect(checkSignals({ signals: { s: { ...signals.signals['crashes_24h'], events: ['chrash'] } } })).toBe(false);
  });
});
