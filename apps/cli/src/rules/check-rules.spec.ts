import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkRules } from './check-rules.js';

describe('rules check', () => {
  const root = mkdtempSync(join(tmpdir(), 'churnwatch-check-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const check = (pack: string): { well: boolean; said: string[] } => {
    const said: string[] = [];
    const well = checkRules(pack, { say: (line) => void said.push(line), bar: () => ({ advance() {}, end() {} }) });
    return { well, said };
  };
  let copies = 0;
  const changed = (file: string, from: string, to: string, pack = 'app'): string => {
    const folder = join(root, String(copies++));
    cpSync(`packs/${pack}`, folder, { recursive: true });
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(
      join(folder, file),
      text.replace(from, () => to),
    );
    return folder;
  };

  it.each(readdirSync('packs'))('finds nothing wrong with %s, and says what is in it', (name) => {
    const { well, said } = check(name);
    expect(well).toBe(true);
    expect(said[0]).toMatch(new RegExp(`pack "${name}" [0-9a-f]{12}: \\d+ signals, \\d+ rules, \\d+ playbooks`));
    expect(said.filter((line) => /followed by no rule|flap/.test(line))).toEqual([]);
  });

  it('says which rules are muted, and why', () => {
    const muted = check('merchant').said.filter((line) => line.includes('muted: '));
    expect(muted.map((line) => line.trim().split(' ')[0])).toEqual(['visits-drop', 'spend-drop']);
    expect(muted[0]).toContain('lift 0.37');
  });

  it('says where a mistake is and what was meant', () => {
    const { well, said } = check(changed('rules.yaml', 'sessions_7d < 0.075', 'sesions_7d < 0.075'));
    expect(well).toBe(false);
    expect(said.join('\n')).toMatch(/rules.yaml:\d+:\d+: unknown signal "sesions_7d", did you mean "sessions_7d"\?/);
  });

  it.each([
    ['rules.yaml', 'exit: crashes_24h < 1.0', 'exit: "!(crashes_24h >= 3.0)"', 'rule crash-spike ends where it begins'],
    [
      'rules.yaml',
      'guard: tenure_days >= 14.0 && usual_gap_days > 0.0',
      "guard: 'true'",
      'rule silent-beyond-rhythm has no guard',
    ],
    [
      'signals.yaml',
      '  crashes_24h:',
      '  crashes_1d: { kind: count, events: [crash], span: 24h, unit: x, description: { en: x, zh: x } }\n  crashes_24h:',
      'signal crashes_1d is used by no rule',
    ],
    [
      'rules.yaml',
      'playbook: close-the-complaint',
      'playbook: call-back',
      'playbook close-the-complaint is followed by no rule',
    ],
  ])('remarks on what is seldom meant: %s with %s', (file, from, to, remark) => {
    const { well, said } = check(changed(file, from, to));
    expect(well).toBe(true);
    expect(said.join('\n')).toContain(`Note: ${remark}`);
  });

  it('remarks on a reason of its own that no rule names, not on common ones', () => {
    const folder = changed('rules.yaml', 'reason: plan_mismatch', 'reason: price_change', 'telecom');
    expect(check(folder).said.filter((line) => line.includes('is named by no rule'))).toEqual([
      'Note: reason plan_mismatch is named by no rule',
    ]);
    expect(check('telecom').said.filter((line) => line.includes('is named by no rule'))).toEqual([]);
  });
});
