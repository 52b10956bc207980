import type { AlertItem, CustomerAnswer, IncidentsAnswer, OverviewAnswer, PackAnswer } from '#contracts';
import type { EventType } from '#domain';
import type { SiteState } from './console-site.js';

const dayMs = 86_400_000;
const now = Date.parse('2017-02-20T09:30:00.000Z');
const daysAgo = (days: number): string => new Date(now - days * dayMs).toISOString();
const dayOf = (iso: string): string => iso.slice(0, 10);
/** Repeats with the seed, so that pictures and tests see the same customers. */
const wobble = (seed: number): number => Math.abs(Math.sin(seed * 12.9898) * 43_758.5453) % 1;

export const samplePack: PackAnswer = {
  name: 'app',
  version: '9b1f07c2a4d3e8',
  title: { en: 'App or internet service', zh: '应用与互联网服务' },
  locale: 'en',
  rules: [
    ruleNamed('silent-beyond-rhythm', 'Silent beyond own rhythm', '沉默超出自身节奏', 'high', [
      'silent_days',
      'usual_gap_days',
      'active_days_28d',
    ]),
    ruleNamed('activity-drop', 'Activity fell against own baseline', '活跃度较自身基线下降', 'medium', [
      'sessions_7d',
      'sessions_prior_28d',
      'silent_days',
    ]),
    ruleNamed('crash-spike', 'The app keeps crashing for this customer', '客户端频繁闪退', 'high', [
      'crashes_24h',
      'sessions_7d',
    ]),
    ruleNamed('complaint-waiting', 'A complaint is left waiting', '投诉迟迟未处理', 'low', ['complaint_open_days']),
  ],
  signals: [
    signalNamed(
      'silent_days',
      'days',
      'Days since the customer last used the app of their own accord',
      '距客户最近一次主动使用的天数',
    ),
    signalNamed(
      'usual_gap_days',
      'days',
      'The customer’s own usual gap between active days',
      '客户自身的平均活跃间隔（天）',
    ),
    signalNamed('active_days_28d', 'days', 'Days with any use in the last 28', '近 28 天的活跃天数'),
    signalNamed('sessions_7d', 'sessions', 'Sessions in the last 7 days', '近 7 天会话次数'),
    signalNamed(
      'sessions_prior_28d',
      'sessions',
      'Sessions in the 28 days before the last 7',
      '7 天之前的 28 天内会话次数',
    ),
    signalNamed('spend_28d', 'money', 'Money spent in the last 28 days', '近 28 天消费金额'),
    signalNamed('crashes_24h', 'crashes', 'Crashes in the last 24 hours', '近 24 小时闪退次数'),
    signalNamed(
      'complaint_open_days',
      'days',
      'Days that the oldest open complaint has been waiting',
      '最早未结投诉的等待天数',
    ),
  ],
  playbooks: [],
  // That of the complaint is older than the pack.
  reasons: [
    reasonNamed('silent-beyond-rhythm', 'behaviour', 'Silent beyond own rhythm', '沉默超出自身节奏'),
    reasonNamed('activity-drop', 'behaviour', 'Comes less than before', '活跃度下降'),
    reasonNamed('crash-spike', 'technical', 'The app crashes', '客户端闪退'),
  ],
};

function ruleNamed(
  id: string,
  en: string,
  zh: string,
  severity: 'low' | 'medium' | 'high',
  evidence: string[],
): PackAnswer['rules'][number] {
  const rest = { version: '51d0', owner: 'retention@example.net', reason: id, playbook: 'call-back' };
  const muted = id === 'activity-drop' ? { en: 'Right one time in ten', zh: '十次中仅一次准确' } : null;
  const policy = { pendingMs: 0, recoverMs: 0, cooldownMs: 14 * dayMs };
  return { id, title: { en, zh }, severity, evidence, muted, ...rest, ...policy };
}

function reasonNamed(
  code: string,
  kind: PackAnswer['reasons'][number]['kind'],
  en: string,
  zh: string,
): PackAnswer['reasons'][number] {
  return { code, kind, title: { en, zh } };
}

function signalNamed(name: string, unit: string, en: string, zh: string): PackAnswer['signals'][number] {
  return { name, unit, kind: 'count', description: { en, zh }, events: ['app_open'] };
}

export function sampleAlert(index: number, changes: Partial<AlertItem> = {}): AlertItem {
  const rule = samplePack.rules[[0, 1, 0, 2, 0, 3][index % 6]!]!;
  const becameDue = now - (index * 47 + 3) * 60_000;
  const silent = 6 + Math.round(wobble(index) * 20);
  const texts = [
    {
      en: `No visit for ${silent} days; usually one every 2.4 days (3 active days in the last 28).`,
      zh: `已 ${silent} 天未使用；平时约每 2.4 天使用一次（近 28 天活跃 3 天）。`,
    },
    {
      en: '1 sessions in the last 7 days after 31 in the 28 days before.',
      zh: '近 7 天 1 次会话，此前 28 天为 31 次。',
    },
    { en: '4 crashes in 24 hours.', zh: '24 小时内闪退 4 次。' },
    { en: 'A complaint has been open for 4.2 days.', zh: '有一件投诉已 4.2 天未结。' },
  ];
  return {
    id: `alert-${index}`,
    kind: 'alert',
    retracts: null,
    customer: `c-${1000 + index * 37}`,
    rule: rule.id,
    ruleVersion: rule.version,
    episode: index % 5 === 4 ? 2 : 1,
    severity: rule.severity,
    reason: rule.reason,
    title: rule.title,
    text: texts[samplePack.rules.indexOf(rule)]!,
    playbook: {
      id: 'call-back',
      title: { en: 'Call back', zh: '客户回访' },
      action: {
        en: 'Call or write in person, ask what changed, and offer help before any discount.',
        zh: '电话或私信回访，先了解原因并提供帮助，再考虑优惠。',
      },
      owner: 'retention@example.net',
      dueAt: new Date(becameDue + 2 * dayMs).toISOString(),
    },
    evidence: {
      silent_days: silent,
      usual_gap_days: 2.4,
      active_days_28d: 3,
      sessions_7d: 1,
      sessions_prior_28d: 31,
      crashes_24h: 4,
      complaint_open_days: 4.2,
      spend_28d: null,
    },
    becameDueAt: new Date(becameDue).toISOString(),
    detectedAt: new Date(becameDue + 180 + Math.round(wobble(index) * 900)).toISOString(),
    deliveries: [
      {
        channel: 'email',
        state: 'delivered',
        reason: null,
        attempts: 1,
        lastAt: daysAgo(0),
        detail: '250 2.0.0 accepted',
        incident: null,
      },
      index % 4 === 1
        ? {
            channel: 'webhook',
            state: 'retrying',
            reason: 'server-error',
            attempts: 3,
            lastAt: daysAgo(0),
            detail: '503 from the receiver',
            incident: null,
          }
        : {
            channel: 'webhook',
            state: 'delivered',
            reason: null,
            attempts: 1,
            lastAt: daysAgo(0),
            detail: '200',
            incident: null,
          },
    ],
    ...changes,
  };
}

export function sampleOverview(): OverviewAnswer {
  return {
    asOf: new Date(now).toISOString(),
    customers: 2_500,
    events: 187_342,
    deadLetters: 12,
    rules: [
      { rule: 'silent-beyond-rhythm', pending: 0, raised: 143, firedTotal: 391, clearedTotal: 248 },
      { rule: 'activity-drop', pending: 27, raised: 61, firedTotal: 202, clearedTotal: 141 },
      { rule: 'crash-spike', pending: 0, raised: 8, firedTotal: 57, clearedTotal: 49 },
      { rule: 'complaint-waiting', pending: 0, raised: 3, firedTotal: 9, clearedTotal: 6 },
    ],
    deliveries: [
      { channel: 'email', state: 'delivered', count: 652 },
      { channel: 'webhook', state: 'delivered', count: 640 },
      { channel: 'webhook', state: 'retrying', count: 4 },
      { channel: 'webhook', state: 'given-up', count: 1 },
    ],
    eventsPerDay: Array.from({ length: 60 }, (_, index) => {
      const weekend = (index + 3) % 7 < 2 ? 0.68 : 1;
      const count = Math.round((2_600 + wobble(index) * 700) * weekend * (index === 59 ? 0.4 : 1));
      return { day: dayOf(daysAgo(59 - index)), count, customers: Math.round(count / 3.1) };
    }),
    latestTransitions: Array.from({ length: 10 }, (_, index) => {
      const alert = sampleAlert(index);
      const [from, to] = (
        [
          ['clear', 'firing'],
          ['pending', 'firing'],
          ['firing', 'recovering'],
          ['recovering', 'clear'],
          ['clear', 'pending'],
        ] as const
      )[index % 5]!;
      const { id, customer, rule, ruleVersion, episode, becameDueAt, detectedAt, severity, reason, evidence } = alert;
      return {
        id: `move-${id}`,
        sequence: 1,
        customer,
        rule,
        ruleVersion,
        episode,
        from,
        to,
        becameDueAt,
        detectedAt,
        severity,
        reason,
        evidence,
        clearedAt: null,
        amends: null,
      };
    }),
  };
}

/** Came every second day, fell silent, came back, and has been silent again for twelve days. */
export function sampleCustomer(customer: string): CustomerAnswer {
  const activeDays = [...Array(70).keys()]
    .map((index) => 81 - index)
    .filter((ago) => ago % 2 === 0 && !(ago > 40 && ago < 55) && ago > 11);
  const windows: CustomerAnswer['windows'] = [];
  const timeline: CustomerAnswer['timeline'] = [];
  const note = (ago: number, type: EventType, count: number, amount: number | null): void => {
    windows.push({ day: dayOf(daysAgo(ago)), type, count, amount: amount ?? 0 });
    timeline.push({
      at: daysAgo(ago),
      kind: 'event',
      type,
      amount,
      detail: { platform: 'android', channel: 'store', appVersion: '5.2.0' },
    });
  };
  for (const ago of activeDays) {
    note(ago, 'session_start', 1 + Math.round(wobble(ago) * 4), null);
    note(ago, 'page_view', 2 + Math.round(wobble(ago + 1) * 6), null);
    if (ago % 6 === 0) note(ago, 'order', 1, 20 + Math.round(wobble(ago) * 9_000) / 100);
    if (ago % 10 === 0) note(ago, 'search', 2, null);
  }
  note(14, 'crash', 2, null);
  note(13, 'complaint_opened', 1, null);
  const move = (ago: number, rule: string, from: string, to: string, evidence: Record<string, number | null>): void => {
    timeline.push({
      at: daysAgo(ago),
      kind: 'transition',
      type: rule,
      amount: null,
      detail: { from, to, episode: 1, evidence, detectedAt: Date.parse(daysAgo(ago)) },
    });
  };
  move(47, 'silent-beyond-rhythm', 'clear', 'firing', { silent_days: 8, usual_gap_days: 2.3, active_days_28d: 11 });
  move(40, 'silent-beyond-rhythm', 'firing', 'clear', { silent_days: 0, usual_gap_days: 2.6, active_days_28d: 8 });
  move(6.1, 'activity-drop', 'clear', 'pending', { sessions_7d: 2, sessions_prior_28d: 38, silent_days: 6 });
  move(5.85, 'activity-drop', 'pending', 'firing', { sessions_7d: 2, sessions_prior_28d: 38, silent_days: 6.2 });
  move(4, 'silent-beyond-rhythm', 'clear', 'firing', { silent_days: 8, usual_gap_days: 2.5, active_days_28d: 9 });
  timeline.sort((a, b) => (a.at < b.at ? 1 : -1));
  return {
    customer,
    asOf: new Date(now).toISOString(),
    firstSeenAt: daysAgo(80),
    lastSeenAt: daysAgo(12),
    windows,
    signals: {
      silent_days: 12,
      usual_gap_days: 2.5,
      active_days_28d: 8,
      sessions_7d: 0,
      sessions_prior_28d: 34,
      spend_28d: 183.42,
      crashes_24h: 0,
      complaint_open_days: null,
    },
    lifecycle: { stage: 'slipping', since: daysAgo(4.5), usualGapDays: 2.5 },
    value: { asOf: daysAgo(0.4), tier: 'A', recency: 2, frequency: 5, monetary: 4, activeDays: 31, spend: 1_284.3 },
    flags: [
      {
        rule: 'silent-beyond-rhythm',
        muted: false,
        verdict: 'breach',
        state: 'firing',
        since: daysAgo(4),
        episode: 2,
        clearedAt: daysAgo(40),
      },
      {
        rule: 'activity-drop',
        muted: true,
        verdict: 'between',
        state: 'firing',
        since: daysAgo(5.85),
        episode: 1,
        clearedAt: null,
      },
      { rule: 'crash-spike', muted: false, verdict: 'ok', state: 'clear', since: null, episode: 0, clearedAt: null },
      {
        rule: 'complaint-waiting',
        muted: false,
        verdict: 'no-data',
        state: 'clear',
        since: null,
        episode: 0,
        clearedAt: null,
      },
    ],
    timeline,
  };
}

export function sampleIncident(): IncidentsAnswer['items'][number] {
  return {
    id: 'f-2',
    revision: 3,
    state: 'open',
    kinds: ['crash', 'login_failed'],
    extent: { appVersion: '5.2.0', platform: '', channel: 'baidu' },
    beganAt: daysAgo(0.25),
    detectedAt: daysAgo(0.24),
    endedAt: null,
    endDetectedAt: null,
    failing: 34,
    active: 81,
    rate: 34 / 81,
    norm: 0.004,
    affected: 212,
    valueAtRisk: 18_340.5,
    cameBack: null,
  };
}

export function sampleState(): SiteState {
  const alerts = Array.from({ length: 60 }, (_, index) => sampleAlert(index));
  alerts[2] = sampleAlert(2, { customer: 'c-1001' });
  return {
    overview: sampleOverview(),
    alerts,
    incidents: [sampleIncident()],
    customers: new Map([['c-1001', sampleCustomer('c-1001')]]),
    pack: samplePack,
    mood: 'well',
  };
}
