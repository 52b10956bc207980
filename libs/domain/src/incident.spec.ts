import type { FailureKind, Rule, Signal } from '#domain';
import { areNested, contains, extentText, isExplainedBy } from '#domain';
import { loadPack } from '#pipeline';

const extent = (appVersion: string, platform: string, channel: string) => ({ appVersion, platform, channel });
const [everybody, version, both] = [extent('', '', ''), extent('5.2.0', '', ''), extent('5.2.0', '', 'baidu')];

const compared = (op: '<' | '>'): Pick<Rule, 'enter'> => ({
  enter: { kind: 'compare', op, left: { kind: 'signal', name: 'read' }, right: { kind: 'number', value: 3 } },
});
const [above, below] = [compared('>'), compared('<')];

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

  it.each<readonly [Pick<Rule, 'enter'>, Partial<Signal>]>([
    [above, { kind: 'overdue' }],
    [above, { kind: 'missed-days' }],
    [below, { kind: 'ratio' }],
    [below, { kind: 'trend' }],
  ])('one that tells who stays away by %j over %j', (rule, kind) => {
    const read = { name: 'read', events: ['app_open'], ...kind } as Signal;
    expect(isExplainedBy(rule, [read], ['crash'])).toBe(true);
    expect(isExplainedBy(rule === above ? below : above, [read], ['crash'])).toBe(false);
    expect(isExplainedBy(rule, [{ ...read, events: ['waited'] }], ['crash'])).toBe(false);
  });

  it('not one that asks for fewer failures, nor one about something else', () => {
    const base = { unit: '', description: { en: '', zh: '' } };
    const lookback = { fromMs: 1, toMs: 0 };
    const signal: Signal = { ...base, name: 'read', kind: 'count', events: ['crash'], lookback };
    expect([above, below].map((rule) => isExplainedBy(rule, [signal], ['crash']))).toEqual([true, false]);
    expect(isExplainedBy(above, [signal], ['freeze'])).toBe(false);
    expect(isExplainedBy(above, [], ['crash'])).toBe(false);
  });
});
