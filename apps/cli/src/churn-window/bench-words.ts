import type { Locale } from '#domain';

const en = {
  title: (pack: string, from: string, to: string) => `Churn window: pack ${pack}, ${from} to ${to}`,
  activity: (types: string, silences: string) => `activity: ${types}; ${silences} silences of a day at least`,
  curve: (horizon: number, reach: number) => [
    'silent',
    'silences',
    `back within ${horizon} d (95 %)`,
    `back at all, of ${reach} d`,
  ],
  days: (days: string) => `${days} d`,
  of: (share: string, silences: string) => `${share} of ${silences}`,
  never: 'never',
  below: (level: string, horizon: number) => `fewer than ${level} come back within ${horizon} days`,
  proposed: (window: string, below: string) =>
    `Proposed: lost after ${window} of silence: there ${below}, for the first time.`,
  nowhere: (lastKnown: number, below: string) =>
    `No window to propose: up to ${lastKnown} days of silence it is never so that ${below}; beyond there is too little data.`,
  tooLittle: (horizon: number) =>
    `Too little data to propose a window: too few silences were seen for ${horizon} days more.`,
  knee: (days: number) => `Knee of the curve: ${days} d.`,
  packSays: (bound: string) => `The pack says: ${bound}.`,
  bound: (days: string, gaps: number) => `${days} d${gaps === 0 ? '' : `, and ${gaps} own gaps if that is more`}`,
  segments: (horizon: number) => `back within ${horizon} d`,
  window: 'window (95 %)',
  kinds: { all: 'all', value: 'value', tenure: 'tenure', platform: 'platform', channel: 'channel' },
  none: '(none)',
  noMonth: 'Churn rate: too little data, not a month beyond the shortest definition.',
  headlines: ['lost after', 'churn a month', 'churned', 'of customers', 'back since'],
  candidate: { candidate: '', proposed: ' (proposed)', pack: ' (pack)' },
  notes: (horizon: number, reach: number, months: number, fewest: number) => [
    `silences: those that lasted so many days and were seen for one more. back within ${horizon} d: Kaplan-Meier over silences, day by day; the open ones count for as long as they were seen. (95 %): 200 draws of whole parts of the base, 64 by customer.`,
    `back at all: likewise, up to ${reach} days of silence, beyond which fewer than ${fewest} were seen; falls to nothing towards them.`,
    `churn a month: over ${months} periods of 30 days up to the end of the data, Σ customers who became lost in it / Σ customers who had been active and were not lost at its beginning. back since: of the lost, those active again by the end of the data.`,
    'value: tiers by spend in the year up to the last activity. tenure: since the first activity, when the silence began. platform, channel: the first known. docs/churn-window.md.',
  ],
};

const zh: typeof en = {
  title: (pack, from, to) => `流失窗口：规则包 ${pack}，${from} 至 ${to}`,
  activity: (types, silences) => `活跃行为：${types}；一天以上的沉默 ${silences} 段`,
  curve: (horizon, reach) => ['已沉默', '沉默段数', `${horizon} 天内回来（95 %）`, `最终回来（${reach} 天内）`],
  days: (days) => `${days} 天`,
  of: (share, silences) => `${share}（共 ${silences}）`,
  never: '从未',
  below: (level, horizon) => `${horizon} 天内回来的不足 ${level}`,
  proposed: (window, below) => `建议：沉默 ${window} 后视为流失：届时首次出现 ${below}。`,
  nowhere: (lastKnown, below) => `无法建议：沉默 ${lastKnown} 天以内从未出现 ${below}；再往后数据太少。`,
  tooLittle: (horizon) => `数据太少，无法建议窗口：此后又被观察 ${horizon} 天的沉默太少。`,
  knee: (days) => `曲线拐点：${days} 天。`,
  packSays: (bound) => `规则包现行定义：${bound}。`,
  bound: (days, gaps) => `${days} 天${gaps === 0 ? '' : `，且不少于自身间隔的 ${gaps} 倍`}`,
  segments: (horizon) => `${horizon} 天内回来`,
  window: '窗口（95 %）',
  kinds: { all: '全部', value: '价值', tenure: '在网时长', platform: '平台', channel: '渠道' },
  none: '（无）',
  noMonth: '流失率：数据太少，最短定义之后不足一个月。',
  headlines: ['沉默多久算流失', '月流失率', '流失', '客户基数', '此后回来'],
  candidate: { candidate: '', proposed: '（建议）', pack: '（规则包）' },
  notes: (horizon, reach, months, fewest) => [
    `沉默段数：超过相应天数且又被观察一天的沉默。${horizon} 天内回来：对沉默逐日作 Kaplan-Meier 估计，未结束的沉默只计到被观察到的时刻。（95 %）：按客户分成 64 份，整份重抽 200 次。`,
    `最终回来：同上，直到沉默 ${reach} 天，更久的不足 ${fewest} 段；越接近该处越趋于零。`,
    `月流失率：截至数据结束的 ${months} 个 30 天周期，Σ 周期内变为流失的客户 / Σ 周期开始时曾活跃且未流失的客户。此后回来：流失客户中到数据结束时又活跃的占比。`,
    '价值：按最后一次活跃之前一年的消费分级。在网时长：沉默开始时距首次活跃的时间。平台、渠道：首个已知值。参见 docs/churn-window.md。',
  ],
};

export type BenchWords = typeof en;
export const benchWords: Readonly<Record<Locale, BenchWords>> = { en, zh };
