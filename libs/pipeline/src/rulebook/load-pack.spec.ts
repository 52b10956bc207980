import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChurnError, commonReasons, DAY, HOUR, usualChurn, usualValue } from '#domain';
import { loadPack } from '#pipeline';

const files = {
  'pack.yaml': `name: small
title: { en: Small, zh: 小 }
`,
  'signals.yaml': `signals:
  silent_days:
    kind: silence
    events: engagement
    unit: days
    description: { en: Silence, zh: 沉默 }
  tenure_days:
    kind: tenure
    events: engagement
    unit: days
    description: { en: Tenure, zh: 时长 }
  crashes_24h:
    kind: count
    events: [crash]
    span: 24h
    skip: 1h
    unit: crashes
    description: { en: Crashes, zh: 闪退 }
`,
  'rules.yaml': `rules:
  - id: silent
    title: { en: Silent, zh: 沉默 }
    owner: ada@example.com
    severity: high
    reason: silent_beyond_rhythm
    playbook: call
    guard: 'true'
    enter: silent_days > 14.0
    exit: silent_days < 1.0
    pending: 6h
    cooldown: 14d
    evidence: [silent_days]
    text: { en: '{{ silent_days }} days', zh: '{{ silent_days }} 天' }
`,
  'playbooks.yaml': `playbooks:
  - id: call
    title: { en: Call, zh: 回访 }
    action: { en: Call them, zh: 致电 }
    owner: ada@example.com
    due_within: 2d
`,
};
type FileName = keyof typeof files;
type Change = readonly [file: FileName, from: string, to: string];

describe('a pack', () => {
  const root = mkdtempSync(join(tmpdir(), 'churnwatch-packs-'));
  let count = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const written = (...changes: readonly Change[]): string => {
    const folder = join(root, String(count++));
    mkdirSync(folder);
    const texts: Record<FileName, string> = { ...files };
    for (const [file, from, to] of changes) {
      expect(texts[file]).toContain(from);
      texts[file] = texts[file].replace(from, () => to);
    }
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, file), text);
    return folder;
  };
  const complaints = (...changes: readonly Change[]): string[] => complaintsOf(written(...changes));
  const complaintsOf = (folder: string): string[] => {
    try {
      loadPack(folder);
    } catch (error) {
      if (!(error instanceof ChurnError)) throw error;
      expect(error.code).toBe('PACK_INVALID');
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    }
    return [];
  };
  const rule = (from: string, to: string): Change => ['rules.yaml', from, to];
  const signal = (from: string, to: string): Change => ['signals.yaml', from, to];

  it('is read when all is well', () => {
    const pack = loadPack(written());
    expect(pack.rules[0]).toMatchObject({
      id: 'silent',
      guard: { kind: 'always', value: true },
      enter: { kind: 'compare', op: '>', left: { kind: 'signal', name: 'silent_days' } },
      policy: { pendingMs: 6 * HOUR, recoverMs: 0, cooldownMs: 14 * DAY },
    });
    expect(pack.signals[2]).toMatchObject({ kind: 'count', lookback: { fromMs: 25 * HOUR, toMs: HOUR } });
    expect(pack.playbooks[0]!.dueWithinMs).toBe(2 * DAY);
  });

  const signalOf = (fields: string): Change => [
    'signals.yaml',
    'signals:\n',
    `signals:\n  more: { ${fields}, unit: x, description: { en: More, zh: 更多 } }\n`,
  ];
  const rhythm = 'prior_gap_days: 7, minimum_active_days: 5';
  const kinds: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['kind: share, events: [refund], among: [order, refund], span: 60d', { among: ['order', 'refund'] }],
    [
      'kind: ratio, of: sum, events: [order], span: 28d, skip: 1d, baseline: 84d, minimum: 3',
      { of: 'sum', lookback: { fromMs: 29 * DAY, toMs: DAY }, baselineMs: 84 * DAY, minimum: 3 },
    ],
    ['kind: trend, events: engagement, weeks: 8', { weeks: 8 }],
    [`kind: overdue, events: engagement, ${rhythm}`, { priorGapDays: 7, minimumActiveDays: 5 }],
    ['kind: gap-spread, events: engagement, minimum_active_days: 5', { minimumActiveDays: 5 }],
    [`kind: missed-days, events: engagement, ${rhythm}`, { priorGapDays: 7, specialDays: [] }],
  ];

  it.each(kinds)('reads a signal of %s', (fields, expected) => {
    const pack = loadPack(written(signalOf(fields)));
    expect(pack.signals[0]).toMatchObject({ name: 'more', ...expected });
  });

  it('refuses a baseline that could not be kept, and a share that is no part of its whole', () => {
    const ratio = 'kind: ratio, of: count, events: [order], span: 30d, baseline: 150h, minimum: 3';
    expect(complaints(signalOf(ratio))).toEqual([
      'signals.yaml:2:73: more than 35 days ago (span and skip together), windows begin and end on whole days',
    ]);
    const share = 'kind: share, events: [refund], among: [order], span: 60d';
    expect(complaints(signalOf(share))).toEqual([
      'signals.yaml:2:49: a share is a part of the whole: these must hold every type of `events`',
    ]);
  });

  it('knows the days of its calendar, and says what is wrong with it', () => {
    const missed = signalOf(`kind: missed-days, events: engagement, ${rhythm}`);
    const withDays = (days: string, ...changes: readonly Change[]): string => {
      const folder = written(...changes);
      writeFileSync(join(folder, 'calendar.yaml'), `special:\n  - title: { en: Holidays, zh: 假日 }\n${days}`);
      return folder;
    };
    const pack = loadPack(withDays('    from: 1970-01-05\n    to: 1970-01-07\n    made_up: [1970-01-03]\n', missed));
    expect(pack.signals[0]).toMatchObject({ specialDays: [2, 4, 5, 6] });
    expect(complaintsOf(withDays('    from: 1970-01-05\n    to: 1970-01-32\n'))).toEqual([
      expect.stringMatching(/^calendar\.yaml:4:9: special\.0\.to: /),
    ]);
    expect(complaintsOf(withDays('    from: 1970-01-05\n    to: 1970-01-04\n'))).toEqual([
      'calendar.yaml:4:9: special.0.to: ends before it begins',
    ]);
  });

  describe('in its reasons', () => {
    const own = '  out_of_stock: { kind: quality, title: { en: Out of stock, zh: 缺货 } }\n';
    const withReasons = (text: string, ...changes: readonly Change[]): string => {
      const folder = written(...changes);
      writeFileSync(join(folder, 'reasons.yaml'), `reasons:\n${text}`);
      return folder;
    };
    const named = (code: string): Change => rule('silent_beyond_rhythm', code);

    it('knows the common ones, and its own after them', () => {
      expect(loadPack(written()).reasons).toEqual(commonReasons);
      const pack = loadPack(withReasons(own, named('out_of_stock')));
      expect(pack.rules[0]!.reason).toBe('out_of_stock');
      const stock = { code: 'out_of_stock', kind: 'quality', title: { en: 'Out of stock', zh: '缺货' } };
      expect(pack.reasons).toEqual([...commonReasons, stock]);
    });

    it('refuses one that nobody knows, and names the one that was meant', () => {
      expect(complaints(named('activty_drop'))).toEqual([
        'rules.yaml:6:13: unknown reason "activty_drop", did you mean "activity_drop"?',
      ]);
      expect(complaintsOf(withReasons(own, named('out_of_stck')))).toEqual([
        'rules.yaml:6:13: unknown reason "out_of_stck", did you mean "out_of_stock"?',
      ]);
      expect(complaints(named('xyzzy'))).toEqual([
        'rules.yaml:6:13: unknown reason "xyzzy"; reasons.yaml declares those of the pack',
      ]);
    });

    it('refuses one that stands twice, there or among the common ones', () => {
      expect(complaintsOf(withReasons(own + own))).toEqual([expect.stringMatching(/^reasons\.yaml:3:3: .*unique/)]);
      const common = '  activity_drop: { kind: behaviour, title: { en: Less, zh: 少 } }\n';
      expect(complaintsOf(withReasons(own + common))).toEqual([
        'reasons.yaml:3:18: reason "activity_drop" stands twice: it is a common one',
      ]);
    });

    it.each([
      [', zh: 缺货', '', /^reasons\.yaml:2:41: reasons\.out_of_stock\.title\.zh: /],
      ['en: Out of stock', "en: ''", /^reasons\.yaml:2:48: reasons\.out_of_stock\.title\.en: /],
      ['kind: quality, ', '', /^reasons\.yaml:2:17: reasons\.out_of_stock\.kind: /],
      ['kind: quality', 'kind: stock', /^reasons\.yaml:2:25: reasons\.out_of_stock\.kind: /],
      ['out_of_stock', 'Out-of-stock', /^reasons\.yaml:2:17: .*a lower-case word/],
    ])('points to the mistake where %s reads "%s"', (from, to, complaint) => {
      expect(complaintsOf(withReasons(own.replace(from, to)))).toEqual([expect.stringMatching(complaint)]);
    });

    it('changes the version of the pack with its own, never that of a rule', () => {
      const [none, before, after] = [
        loadPack(written()),
        loadPack(withReasons(own)),
        loadPack(withReasons(own.replace('Out of stock', 'Sold out'))),
      ];
      expect(new Set([none.version, before.version, after.version]).size).toBe(3);
      expect(new Set([none, before, after].map(({ rules }) => rules[0]!.version)).size).toBe(1);
    });
  });

  const title = 'title: { en: Small, zh: 小 }\n';
  const lifecycle = `${title}churn:
  activity: [order, payment]
  prior_gap_days: 14
  new_for: 30d
  slipping: { after: 21d, gaps: 2 }
  dormant: { after: 45d, gaps: 4 }
  churned: { after: 90d, gaps: 6 }
value:
  earns: [order]
`;
  const churn = (from: string, to: string): Change => {
    expect(lifecycle).toContain(from);
    return ['pack.yaml', title, lifecycle.replace(from, to)];
  };

  it('says when a customer counts as lost, or else has the usual definition', () => {
    expect(loadPack(written())).toMatchObject({ churn: usualChurn, value: usualValue });
    const { version, ...pack } = loadPack(written(['pack.yaml', title, lifecycle]));
    expect(pack).toMatchObject({
      churn: {
        events: ['order', 'payment'],
        priorGapDays: 14,
        newForMs: 30 * DAY,
        slipping: { afterMs: 21 * DAY, gaps: 2 },
        churned: { afterMs: 90 * DAY, gaps: 6 },
      },
      value: { earns: ['order'], givesBack: [] },
    });
    const other = loadPack(written(churn('90d', '91d')));
    expect([other.version === version, other.churn.version === pack.churn.version]).toEqual([false, false]);
  });

  it.each([
    ['[order, payment]', '[ordre]', /^pack.yaml:4:14: .*unknown event type "ordre", did you mean "order"/],
    ['45d', '45 days', /^pack.yaml:8:21: churn.dormant.after: "45 days" is no span/],
    ['45d', '21d', /^pack.yaml:8:21: must be longer than that of slipping/],
    ['45d', '90d', /^pack.yaml:9:21: must be longer than that of dormant/],
    ['gaps: 4', 'gaps: 7', /^pack.yaml:9:32: must not be fewer than those of dormant/],
    ['gaps: 4', 'gaps: -4', /^pack.yaml:8:32: /],
    ['new_for: 30d', 'new_for: 91d', /^pack.yaml:6:12: must not be longer than the silence of the churned/],
    ['prior_gap_days: 14', 'prior_gap_days: 0', /^pack.yaml:5:19: /],
    ['earns: [order]', 'earn: [order]', /^pack.yaml:11:3: /],
  ])('points to the mistake where %s reads %s', (from, to, complaint) => {
    const found = complaints(churn(from, to));
    expect(found[0]).toMatch(complaint);
  });

  it('refuses a churn of less than a day', () => {
    const short =
      'slipping: { after: 1h, gaps: 2 }\n  dormant: { after: 2h, gaps: 4 }\n  churned: { after: 3h, gaps: 6 }';
    const spans = lifecycle.replace(/slipping[^]*gaps: 6 \}/, short).replace('new_for: 30d', 'new_for: 1h');
    expect(complaints(['pack.yaml', title, spans])).toEqual(['pack.yaml:9:21: must be at least a day']);
  });

  it('changes its version with whatever shapes a verdict, and a rule only with its own signals', () => {
    const [before, crash, enter] = [written(), written(signal('24h', '48h')), written(rule('14.0', '15.0'))].map(
      loadPack,
    );
    expect(new Set([before!.version, crash!.version, enter!.version]).size).toBe(3);
    expect(crash!.rules[0]!.version).toBe(before!.rules[0]!.version);
    expect(enter!.rules[0]!.version).not.toBe(before!.rules[0]!.version);
  });

  it('names the signal that was meant, at its line and column', () => {
    expect(complaints(rule('enter: silent_days', 'enter: silent_dys'))).toEqual([
      'rules.yaml:9:12: unknown signal "silent_dys", did you mean "silent_days"?',
    ]);
    expect(complaints(rule("guard: 'true'", "guard: 'tenure_days > 1.0 && xyzzy > 2.0'"))).toEqual([
      'rules.yaml:8:34: unknown signal "xyzzy"',
    ]);
  });

  it.each([
    ['a number alone', 'silent_days', /^rules.yaml:9:12: expected a comparison/],
    ['a half-written comparison', 'silent_days >', /^rules.yaml:9:25: /],
    ['a chain', '1.0 < silent_days < 3.0', /^rules.yaml:9:12: /],
    ['a text', 'silent_days > "14"', /^rules.yaml:9:26: expected a number/],
    ['a function', 'max(silent_days) > 1.0', /^rules.yaml:9:12: expected a number/],
    ['a member', 'silent_days.x > 1.0', /^rules.yaml:9:\d+: expected a number/],
    ['a remainder', 'silent_days % 2.0 > 1.0', /^rules.yaml:9:12: expected a number/],
    ['a choice', '"silent_days > 1.0 ? true : false"', /^rules.yaml:9:13: expected a comparison/],
    ['a number beyond all bounds', 'silent_days > 1e400', /^rules.yaml:9:26: /],
    ['nothing', '""', /^rules.yaml:9:\d+: /],
  ])('refuses %s where a condition belongs', (_what, text, complaint) => {
    const found = complaints(rule('enter: silent_days > 14.0', `enter: ${text}`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(complaint);
  });

  it('refuses what does not grow in a straight line, and shows where it stands', () => {
    const curve = 'enter: 2.0 * crashes_24h > 1.0 && silent_days * tenure_days > 14.0';
    expect(complaints(rule('enter: silent_days > 14.0', curve))).toEqual([
      expect.stringMatching(/^rules.yaml:9:39: "\*" over a signal that grows/),
    ]);
    expect(complaints(rule('silent_days > 14.0', '1.0 / (silent_days + 1.0) < 0.1'))).toHaveLength(1);
    expect(complaints(rule('silent_days > 14.0', 'silent_days > 2.0 * tenure_days + 1.0'))).toEqual([]);
  });

  it.each(['owner', 'playbook', 'reason', 'guard', 'exit', 'enter', 'cooldown', 'evidence', 'title'])(
    'names a missing %s and the rule it is missing from',
    (field) => {
      const line = files['rules.yaml'].split('\n').find((each) => each.startsWith(`    ${field}:`))!;
      const found = complaints(rule(`${line}\n`, ''));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(new RegExp(`^rules.yaml:2:5: rules.0.${field}: `));
    },
  );

  it('points out what stands twice', () => {
    const twice = files['rules.yaml'].slice('rules:\n'.length);
    expect(complaints(rule(twice, twice + twice))).toEqual(['rules.yaml:15:9: rule "silent" stands twice']);
    const plays = files['playbooks.yaml'].slice('playbooks:\n'.length);
    expect(complaints(['playbooks.yaml', plays, plays + plays])).toEqual([
      'playbooks.yaml:7:9: playbook "call" stands twice',
    ]);
    expect(complaints(signal('tenure_days:', 'silent_days:'))[0]).toMatch(/^signals.yaml:7:3: .*unique/);
  });

  it.each(['14 days', '1.5d', '-1d', 'd', '1y'])('refuses "%s" as a span', (text) => {
    expect(complaints(rule('cooldown: 14d', `cooldown: ${text}`))[0]).toMatch(
      /^rules.yaml:12:15: rules.0.cooldown: ".*" is no span/,
    );
  });

  it.each([
    ['no time at all', '0h', 'longer than nothing'],
    ['less than an hour', '90m', 'whole hours'],
    ['half a day beyond 35 days', '900h', 'whole days'],
    ['more than can be counted', '99999999999999999d', 'is no span'],
  ])('refuses a window over %s, for its edges could not be kept', (_what, span, why) => {
    const found = complaints(signal('span: 24h\n    skip: 1h', `span: ${span}`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^signals.yaml:15:11: /);
    expect(found[0]).toContain(why);
  });

  it('refuses a window whose far edge falls between days once the skipped time is added', () => {
    expect(complaints(signal('span: 24h\n    skip: 1h', 'span: 35d\n    skip: 12h'))[0]).toContain('whole days');
    expect(complaints(signal('skip: 1h', 'skip: 30m'))[0]).toMatch(/^signals.yaml:16:11: .*whole hours/);
  });

  it.each(['as', 'in', 'true', 'int'])('refuses a signal that conditions could not name: %s', (name) => {
    expect(complaints(signal('crashes_24h:', `${name}:`))).toEqual([
      expect.stringMatching(/^signals.yaml:\d+:\d+: .*cannot be the name of a signal/),
    ]);
  });

  it('looks into the texts', () => {
    expect(complaints(rule('{{ silent_days }} days', '{{ tenure_days }} days'))).toEqual([
      expect.stringMatching(/^rules.yaml:14:\d+: en: tenure_days is not in the rule's evidence/),
    ]);
    expect(complaints(rule('{{ silent_days }} 天', '{{ silent_days'))[0]).toMatch(/^rules.yaml:14:\d+: zh: /);
  });

  it('points to the event that nobody knows', () => {
    const found = complaints(signal('[crash]', '[crash, chrash]'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^signals.yaml:14:21: .*unknown event type "chrash", did you mean "crash"\?/);
  });

  it('says everything that is wrong at once', () => {
    const found = complaints(
      rule('enter: silent_days', 'enter: silent_dys'),
      rule('exit: silent_days', 'exit: silent_dayz'),
      rule('playbook: call', 'playbook: calls'),
      rule('evidence: [silent_days]', 'evidence: [silent_days, nonsense]'),
      rule('{{ silent_days }} days', '{{ sylent_days }} days'),
      ['playbooks.yaml', 'due_within: 2d', 'due_within: 2 days'],
    );
    // What belongs to a file's form is found in all files first; what refers to other files can only be looked up then.
    expect(found).toEqual([expect.stringContaining('playbooks.yaml:6:17')]);
    const next = complaints(
      rule('enter: silent_days', 'enter: silent_dys'),
      rule('exit: silent_days', 'exit: silent_dayz'),
      rule('playbook: call', 'playbook: calls'),
      rule('evidence: [silent_days]', 'evidence: [silent_days, nonsense]'),
      rule('{{ silent_days }} days', '{{ sylent_days }} days'),
    );
    expect(next.map((line) => line.split(':').slice(0, 2).join(':')).sort()).toEqual([
      'rules.yaml:10',
      'rules.yaml:13',
      'rules.yaml:14',
      'rules.yaml:7',
      'rules.yaml:9',
    ]);
  });

  it('names files that are missing or no YAML', () => {
    const folder = written(['pack.yaml', 'title:', 'title: {']);
    rmSync(join(folder, 'playbooks.yaml'));
    expect(() => loadPack(folder)).toThrow(/pack.yaml:\d+:\d+: [\s\S]*playbooks.yaml: there is no such file/);
  });

  it.each(readdirSync('packs'))('ships as %s', (name) => {
    expect(loadPack(join('packs', name)).name).toBe(name);
  });
});
