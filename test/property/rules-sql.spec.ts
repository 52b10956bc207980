import fc from 'fast-check';
import type { Pack } from '#domain';
import { loadPack } from '#pipeline';
import { evaluationQuery } from '../../libs/clickhouse/src/evaluator/evaluation-query.js';
import { conditionReader } from '../../libs/pipeline/src/rulebook/condition-text.js';
import { conditionsOver } from '../support/random-packs.js';
import '../support/seed.js';

const pack = loadPack('packs/app');
const read = conditionReader(pack.signals);
const withEnter = (enter: Pack['rules'][number]['enter']): Pack => ({
  ...pack,
  rules: [{ ...pack.rules[0]!, enter, exit: enter, guard: enter }],
});

const quoted = /'[^'\\]*'/g;
const word = /[A-Za-z_][A-Za-z0-9_]*/g;
const number = /(?<![A-Za-z0-9_])\d+(\.\d+)?(e[+-]?\d+)?(?![A-Za-z0-9_])/g;
const wordsOf = (sql: string): Set<string> => new Set(sql.replace(quoted, '').replace(number, '').match(word));
// Every word that two plain conditions bring along; `wait_N` and the signals' own columns are added to them.
const plain = [
  '(1.0 < silent_days || -silent_days <= 2.0) && !(sessions_7d / 2.0 != spend_28d)',
  'true',
  'silent_days == 1.0',
];
const known = new Set(
  plain.flatMap((text) => {
    const parsed = read(text);
    if (!parsed.ok) throw new Error(parsed.complaint.message);
    return [...wordsOf(evaluationQuery(withEnter(parsed.condition)).sql)];
  }),
);
const isKnown = (each: string): boolean =>
  known.has(each) || /^wait_\d+$/.test(each) || pack.signals.some(({ name }) => each.startsWith(`${name}__`));
const strangers = (sql: string): string[] => [...wordsOf(sql)].filter((each) => !isKnown(each));

const hostile = [
  `silent_days > 1.0; DROP TABLE event_v1`,
  `silent_days > 1.0 -- x`,
  `silent_days > 1.0 /* x */`,
  `silent_days > 1.0 // smuggled`,
  `silent_days > 1.0) OR (1 = 1`,
  `silent_days > 1.0 OR smuggled`,
  `'smuggled' == 'smuggled'`,
  `silent_days > {tenant:String}`,
  `silent_days\\ > 1.0`,
  'silent_days > `smuggled`',
  `silent_days > toFloat64(smuggled)`,
  `ѕilent_days > 1.0`,
  `silent_days\u0000 > 1.0`,
  `silent_days > 1.0 UNION ALL SELECT smuggled`,
  `b"smuggled" == b"smuggled"`,
  `"""smuggled""" == r'smuggled'`,
  `system.tables > 1.0`,
  `$db > 1.0`,
];

describe('the SQL of a condition', () => {
  it.each(hostile)('holds nothing of %j beyond signals and numbers', (text) => {
    const parsed = read(text);
    // A comment is no part of a condition, so such a text may well be read.
    const sql = parsed.ok ? evaluationQuery(withEnter(parsed.condition)).sql : '';
    expect(parsed.ok).toBe(text.includes('//'));
    expect(sql).not.toMatch(/smuggled|DROP|--|\/\*|;|\\|`/);
    expect(strangers(sql)).toEqual([]);
  });

  it('is made of known words and numbers, whatever was accepted', () => {
    fc.assert(
      fc.property(conditionsOver(pack.signals), (condition) => {
        const { sql } = evaluationQuery(withEnter(condition));
        expect(strangers(sql)).toEqual([]);
        expect(sql.replace(quoted, '')).not.toMatch(/['"`;\\#]|--|\/\*/);
      }),
      { numRuns: 500 },
    );
  });
});
