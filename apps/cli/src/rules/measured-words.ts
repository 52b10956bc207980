import type { Locale } from '#domain';

interface Spans {
  readonly horizon: string;
  readonly half: string;
  readonly seen: string;
  /** Empty: the label is no activity. */
  readonly type: string;
}

const en = {
  title: (pack: string, label: string, from: string, to: string) => `Pack ${pack}, label "${label}", ${from} to ${to}`,
  base: (of: Readonly<Record<'customers' | 'days' | 'events' | 'lapses' | 'cutOffs' | 'rate' | 'atRisk', string>>) =>
    `${of.customers} customers, ${of.days} customer-days, ${of.events} events in the store; ${of.lapses} lapses; ${of.cutOffs} weekly cut-offs, at which ${of.rate} of ${of.atRisk} at risk lapsed`,
  anyRule: 'any rule',
  firstAlert: 'first alert',
  howRight: [
    'how right',
    'judged',
    'right',
    'precision (95 %)',
    'base rate',
    'lift',
    'within equal frequency',
    'where one lapsed',
    'coverage',
    'lead',
    'lead per lapse',
  ],
  howMuch: [
    'how much work',
    'alerts',
    'not judged',
    'per 100 customer-days',
    'customers',
    'each',
    'repeats',
    'a day',
    'busiest day',
  ],
  teams: ['team', 'alerts', 'a day', '95 of 100 days', 'most', 'rules'],
  busiest: (alerts: string, day: string) => `${alerts} on ${day}`,
  days: (days: string) => `${days} d`,
  fewRemark: (few: number) => `* fewer than ${few} judged alerts: too few to go by`,
  against: (pack: string) => `Against pack ${pack}`,
  sides: ['pack', 'alerts', 'a day', 'judged', 'precision (95 %)', 'lift', 'coverage', 'lead per lapse', 'repeats'],
  draft: (pack: string) => `draft ${pack}`,
  inForce: (pack: string) => `in force ${pack}`,
  differing: ['alerts by rule', 'alike', 'added', 'dropped'],
  customers: ['customer', 'added', 'dropped'],
  customersRemark: (shown: string, all: string) =>
    `${shown} of ${all} customers to whom the two would not have raised the same alerts; --json and --html have them all.`,
  allAlike: 'Both raise the same alerts to everybody.',
  notes: ({ horizon, half, seen, type }: Spans) => [
    type === ''
      ? `right: no engagement within ${horizon} after the alert. A lapse: a gap in engagement longer than ${horizon}; covered by an alert from ${horizon} before the gap begins until ${half} into it.`
      : `right: ${type} within ${horizon} after the alert. A lapse: each ${type}; covered by an alert in the ${horizon} before it.`,
    `judged: alerts whose ${horizon} lie within the data. lead: median over alerts that were right, from the alert ${type === '' ? `until the gap is ${horizon} long; negative: it was already` : `until ${type}`}. lead per lapse: mean over all lapses, from the first alert that covers it until then; 0 without one.`,
    `base rate: the same asked of everybody seen in the ${seen} before, at the weekly cut-off before each judged alert; lift = precision / base rate.`,
    'within equal frequency: pairs of one alerted in the week before a cut-off and one not, both in the same quarter by active days in 90 days: in which share only the alerted one lapsed, half of those counted in which both or neither did. 0.5 is a coin; rare lapses keep it near. where one lapsed: the share without those.',
    `customer-days: from each first event to the end of the data. repeats: alerts within ${horizon} of an earlier one of the same customer. any rule: all alerts; first alert: one for each customer. team: the owner of the playbook. docs/rules.md, "How good is a rule?".`,
  ],
};

const zh: typeof en = {
  title: (pack, label, from, to) => `规则包 ${pack}，标签“${label}”，${from} 至 ${to}`,
  base: (of) =>
    `${of.customers} 位客户，${of.days} 客户日，库中 ${of.events} 个事件；流失 ${of.lapses} 次；${of.cutOffs} 个每周截点，有风险的 ${of.atRisk} 人次中 ${of.rate} 流失`,
  anyRule: '全部规则',
  firstAlert: '首次告警',
  howRight: [
    '准确性',
    '可判定',
    '正确',
    '准确率（95 %）',
    '基准率',
    '提升度',
    '同频率内',
    '仅一人流失时',
    '覆盖率',
    '提前量',
    '每次流失的提前量',
  ],
  howMuch: ['工作量', '告警', '未判定', '每百客户日', '客户', '人均', '重复', '每天', '最忙的一天'],
  teams: ['团队', '告警', '每天', '95 % 的日子不超过', '最多', '规则'],
  busiest: (alerts, day) => `${day}：${alerts}`,
  days: (days) => `${days} 天`,
  fewRemark: (few) => `* 可判定的告警不足 ${few} 条：不足为据`,
  against: (pack) => `与规则包 ${pack} 对比`,
  sides: ['规则包', '告警', '每天', '可判定', '准确率（95 %）', '提升度', '覆盖率', '每次流失的提前量', '重复'],
  draft: (pack) => `草案 ${pack}`,
  inForce: (pack) => `现行 ${pack}`,
  differing: ['各规则告警', '相同', '新增', '减少'],
  customers: ['客户', '新增', '减少'],
  customersRemark: (shown, all) => `两者告警不同的客户共 ${all} 位，此处列出 ${shown} 位；--json 与 --html 含全部。`,
  allAlike: '两者对所有客户的告警完全相同。',
  notes: ({ horizon, half, seen, type }) => [
    type === ''
      ? `正确：告警后 ${horizon}内没有主动行为。流失：主动行为的间隔超过 ${horizon}；间隔开始前 ${horizon}至开始后 ${half}内的告警算覆盖。`
      : `正确：告警后 ${horizon}内发生 ${type}。流失：每次 ${type}；此前 ${horizon}内的告警算覆盖。`,
    `可判定：其后 ${horizon}仍在数据之内的告警。提前量：正确告警的中位数，从告警到${type === '' ? `间隔满 ${horizon}；负值表示当时已满` : ` ${type}`}。每次流失的提前量：全部流失的平均值，从首个覆盖它的告警算起；没有告警计 0。`,
    `基准率：在每条可判定告警之前的每周截点，对此前 ${seen}内出现过的所有客户作同样的判定；提升度 = 准确率 / 基准率。`,
    '同频率内：截点前一周内收到告警者与未收到者配对，两人 90 天内活跃天数处于同一四分位；仅前者流失的配对占比，两人都流失或都未流失的计一半。0.5 如掷硬币；流失罕见时趋近于它。仅一人流失时：不计后者的占比。',
    `客户日：从各客户首个事件到数据结束。重复：同一客户在前一条告警后 ${horizon}内的告警。全部规则：所有告警；首次告警：每位客户一条。团队：处置方案的负责人。参见 docs/rules.md。`,
  ],
};

export type MeasuredWords = typeof en;
export const measuredWords: Readonly<Record<Locale, MeasuredWords>> = { en, zh };
