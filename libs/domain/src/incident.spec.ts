import type { FailureKind, Rule, Signal } from '#domain';
import { areNested, contains, extentText, isExplainedBy } from '#domain';
import { loadPack } from '#pipeline';

const extent = (appVersion: string, platform: string, channel: string) => ({ appVersion, platform, channel });
const [everybody, version, both] = [extent('', '', ''), extent('5.2.0', '', ''), extent('5.2.0', '', 'baidu')];

it('knows which extent lies in which', () => {
  expect([contains(everybody, both), contains(version, both), contains(both, version)]).toEqual([true, true, false]);
  expect([areNested(both, version), areNested(version, extent('', 'ios', ''))]).toEqual([true, false]);
  expect([everybody, both].map(extentText)).toEqual(['everybody', '5.2.0 × baidu']);
});

describe('which rules a failure explains', () => {
  const { rules, signals } = loadPack('packs/app');
  const explained = (...kinds: readonly FailureKind[]) =>
    rules.filter((rule) => isExplainedBy(rule, signals, kinds)).map(({ id }) => id);
  const awayFor = ['silent-beyond-rhythm', 'activity-drop', 'spend-drop'];

  it('those that fire when it happens more often, and those that fire when the customer stays away', () => {
    expect(explained('crash').toSorted()).toEqual(['crash-spike', ...awayFor].toSorted());
    expect(explained('login_failed').toSorted()).toEqual(['login-failure-spike', ...awayFor].toSorted());
    expect(explained('crash', 'login_failed')).toContain('crash-spike');
    expect(explained('update_failed').toSorted()).toEqual(['update-keeps-failing', ...awayFor].toSorted());
  });

  it('not one that asks for fewer failures, nor one about something else', () => {
    const base = { unit: '', description: { en: '', zh: '' } };
    const lookback = { fromMs: 1, toMs: 0 };
    const signal: Signal = { ...base, name: 'crashes', kind: 'count', events: ['crash'], lookback };
    const compare = (op: '<' | '>'): Pick<Rule, 'enter'> => ({
      enter: { kind: 'compare', op, left: { kind: 'signal', name: 'crashes' }, right: { kind: 'number', value: 3 } },
    });
    expect(['>' as const, '<' as const].map((op) => isExplainedBy(compare(op), [signal], ['crash']))).toEqual([
      true,
      false,
    ]);
    expect(isExplainedBy(compare('>'), [signal], ['freeze'])).toBe(false);
    expect(isExplainedBy(compare('>'), [], ['crash'])).toBe(false);
  });
});
