import type { Playbook, Rule } from '#domain';
import { customerId, epochMs, HOUR, ruleId, tenantId } from '#domain';
import { alertIdOf, buildAlert, checkText, formatNumber, retractionIdOf, transitionIdOf } from './route.js';

const yes = { kind: 'always', value: true } as const;
const rule = (text: Partial<Rule['text']> = {}): Rule => ({
  id: ruleId('silent'),
  version: 'r1',
  title: { en: 'Gone quiet', zh: '突然沉默' },
  owner: 'retention',
  severity: 'high',
  reason: 'silence',
  playbook: 'call',
  guard: yes,
  enter: yes,
  exit: yes,
  policy: { pendingMs: 0, recoverMs: 0, cooldownMs: 0 },
  evidence: ['silent_days', 'usual_gap'],
  text: {
    en: 'no visit for {{ silent_days }} d (usual gap {{ usual_gap }} d)',
    zh: '已 {{ silent_days }} 天未访问（通常间隔 {{ usual_gap }} 天）',
    ...text,
  },
  muted: null,
});
const playbook: Playbook = {
  id: 'call',
  title: { en: 'Call', zh: '致电' },
  action: { en: 'Call the customer', zh: '致电客户' },
  owner: 'ann@example.com',
  dueWithinMs: 4 * HOUR,
};
const t0 = epochMs(Date.UTC(2017, 2, 7));
const firing = {
  tenant: tenantId('t'),
  customer: customerId('ada'),
  episode: 1,
  evidence: { other: 5, usual_gap: 4.2345, silent_days: 1234.5 },
  becameDueAt: t0,
  detectedAt: epochMs(t0 + 500),
};

describe('an alert', () => {
  it('says the reason in numbers, in both languages', () => {
    const { text } = buildAlert(rule(), playbook, firing);
    expect(text).toEqual({
      en: 'no visit for 1,234.5 d (usual gap 4.2 d)',
      zh: '已 1,234.5 天未访问（通常间隔 4.2 天）',
    });
  });

  it('carries the rule’s evidence and nothing else, most telling first', () => {
    expect(Object.entries(buildAlert(rule(), playbook, firing).evidence)).toEqual([
      ['silent_days', 1234.5],
      ['usual_gap', 4.2345],
    ]);
  });

  it('is due by the playbook’s time after the detection', () => {
    const alert = buildAlert(rule(), playbook, firing);
    expect(alert.playbook.dueAt).toBe(firing.detectedAt + 4 * HOUR);
    expect(alert.becameDueAt).toBe(t0);
  });

  it('shows a dash for a signal that has no value', () => {
    const alert = buildAlert(rule(), playbook, { ...firing, evidence: { silent_days: 9, usual_gap: null } });
    expect(alert.text.en).toBe('no visit for 9 d (usual gap – d)');
    expect(buildAlert(rule(), playbook, { ...firing, evidence: { silent_days: 9 } }).evidence['usual_gap']).toBeNull();
  });

  it('falls back to the rule’s title rather than getting lost over its text', () => {
    expect(buildAlert(rule({ en: '{{ nonsense }}' }), playbook, firing).text.en).toBe('Gone quiet');
  });
});

describe('ids', () => {
  const [t, c, r] = [tenantId('t'), customerId('c'), ruleId('r')];

  it('stay the same for the same alert and stand in URLs, headers and file names', () => {
    expect(alertIdOf(t, c, r, 1)).toBe(alertIdOf(t, c, r, 1));
    expect(alertIdOf(t, customerId('../..\r\n.客户'), r, 1)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('differ when any part differs, wherever the parts are cut', () => {
    const ids = [
      alertIdOf(t, c, r, 1),
      alertIdOf(t, c, r, 2),
      alertIdOf(t, c, ruleId('s'), 1),
      alertIdOf(tenantId('tc'), customerId(''), r, 1),
      alertIdOf(tenantId(''), customerId('tc'), r, 1),
      transitionIdOf(t, c, r, 1),
      transitionIdOf(t, c, r, 2),
      retractionIdOf(t, c, r, 1),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('numbers', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [-0.04, '0'],
    [4, '4'],
    [4.25, '4.3'],
    [1234567.891, '1,234,567.9'],
    [-1500, '-1,500'],
    [null, '–'],
    [Infinity, '–'],
    [NaN, '–'],
  ])('%p reads %p', (value, text) => expect(formatNumber(value)).toBe(text));
});

describe('checking a text', () => {
  const names = ['silent_days', 'usual_gap'];

  it.each([
    'no visit for {{ silent_days }} d',
    '{% if usual_gap > 3 %}{{ silent_days | divided_by: usual_gap | round: 1 }}x{% else %}{{ silent_days }} d{% endif %}',
    '{% assign weeks = silent_days | divided_by: 7 %}{{ weeks | round: 1 }} weeks',
  ])('passes %p', (template) => expect(checkText(template, names)).toEqual([]));

  it.each([
    ['{{ silent_days', /not closed/],
    ['{{ silent_day }}', /silent_day is not in the rule's evidence \(it has silent_days, usual_gap\)/],
    ['{% if usual_gap > 1e9 %}{{ hidden }}{% endif %}ok', /hidden is not in/],
    ['{{ silent_days | bogus }}', /undefined filter: bogus/],
    ['{{ silent_days.constructor }}', /is not in the rule's evidence/],
    ["{% render '/etc/passwd' %}", /passwd/],
    ["{% include '../../package.json' %}", /package/],
    ['{% for i in (1..100000000) %}{{ silent_days }}{% endfor %}', /limit/],
    ['', /says nothing/],
    ['{% nonsense %}', /nonsense/],
  ])('complains about %p', (template, complaint) => expect(checkText(template, names).join('\n')).toMatch(complaint));
});
