import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonReasons, reasonKinds, reservedReasons } from '#domain';
import { loadPack } from '#pipeline';

const packs = readdirSync('packs').map((name) => loadPack(join('packs', name)));
const isCommon = new Set(commonReasons.map(({ code }) => code));
const chinese = /\p{Script=Han}/u;

/** A comment that names the file and the item, on the line above. */
const traced = (text: string, code: string): boolean => {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.includes(`'${code}'`) || line.trimStart().startsWith(`${code}:`));
  return /^\s*(\/\/|#) 00\d_[0-9a-f]{16}\.txt: .*\(B\d+/.test(lines[at - 1] ?? '');
};

describe('the common reasons', () => {
  const source = readFileSync('libs/domain/src/reason.ts', 'utf8');

  it('stand once each, and leave no kind empty', () => {
    expect(isCommon.size).toBe(commonReasons.length);
    expect(reasonKinds.filter((kind) => !commonReasons.some((reason) => reason.kind === kind))).toEqual([]);
  });

  it.each(commonReasons)('$code is told in both languages and comes from a document', ({ code, title }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(title.en).toMatch(/^[A-Z]/);
    expect(title.en).not.toMatch(chinese);
    expect(title.zh).toMatch(chinese);
    expect(traced(source, code)).toBe(true);
  });

  it('stand in docs/rules.md by their kind, the reserved in italics', () => {
    const manual = readFileSync('docs/rules.md', 'utf8').split('\n');
    const listed = reasonKinds.map((kind) => {
      const row = manual.find((line) => line.startsWith(`| \`${kind}\` `)) ?? '';
      return [kind, row.match(/_?`\w+`_?/g)?.slice(1)];
    });
    const written = (code: string): string => (reservedReasons.has(code) ? `_\`${code}\`_` : `\`${code}\``);
    const expected = reasonKinds.map((kind) => {
      const ofKind = commonReasons.filter((reason) => reason.kind === kind);
      return [kind, ofKind.map(({ code }) => written(code))];
    });
    expect(listed).toEqual(expected);
  });

  it('are named by a rule of some pack, or else reserved', () => {
    const named = new Set(packs.flatMap(({ rules }) => rules.map(({ reason }) => reason)));
    const unnamed = commonReasons.map(({ code }) => code).filter((code) => !named.has(code));
    expect(unnamed).toEqual([...reservedReasons]);
  });
});

describe.each(packs)('the reasons of $name', ({ name, rules, reasons }) => {
  const own = reasons.filter(({ code }) => !isCommon.has(code));
  const file = join('packs', name, 'reasons.yaml');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';

  it('are all known', () => {
    const known = new Set(reasons.map(({ code }) => code));
    expect(rules.filter(({ reason }) => !known.has(reason))).toEqual([]);
  });

  it('of its own are named by its rules, told in both languages, and come from a document', () => {
    const named = new Set(rules.map(({ reason }) => reason));
    for (const { code, title } of own) {
      expect([code, named.has(code), chinese.test(title.en), chinese.test(title.zh), traced(text, code)]).toEqual([
        code,
        true,
        false,
        true,
        true,
      ]);
    }
  });
});

it('no two packs declare the same reason: what two trades know is common', () => {
  const own = packs.flatMap(({ reasons }) => reasons.map(({ code }) => code).filter((code) => !isCommon.has(code)));
  expect(new Set(own).size).toBe(own.length);
});
