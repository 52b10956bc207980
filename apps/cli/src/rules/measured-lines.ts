import type { Pack } from '#domain';
import { DAY } from '#domain';
import type { AlertQuality, HistoryExtent, Label, Measurement } from '#pipeline';
import { count, day, decimals, percent, unknown } from '../figure-texts.js';
import { table } from '../letters/table.js';
import { labelText } from './measured-figures.js';

/** With fewer alerts a share says little. */
const few = 30;

/** What was measured, for somebody to read, with what each column means. */
export function measuredLines(pack: Pack, extent: HistoryExtent, measured: Measurement): readonly string[] {
  const { from, to, customers, customerDays, label, lapses, cutOffs, atRisk, baseRate } = measured;
  const rows: (readonly [string, AlertQuality])[] = [
    ...measured.rules.map((each) => [each.rule, each] as const),
    ['any rule', measured.anyRule],
    ['first alert', measured.firstAlert],
  ];
  const isFew = rows.some(([, { judged }]) => judged > 0 && judged < few);
  return [
    `Pack "${pack.name}" ${pack.version}, label "${labelText(label)}", ${day(from)} to ${day(to)}`,
    `${count(customers)} customers, ${count(Math.round(customerDays))} customer-days, ${count(extent.events)} events in the store; ${count(lapses)} lapses; ${count(cutOffs)} weekly cut-offs, at which ${percent(baseRate)} of ${count(atRisk)} at risk lapsed`,
    '',
    ...table(
      [
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
      ],
      rows.map(([name, each]) => [name, ...howRight(each)]),
    ),
    '',
    ...table(
      ['how much work', 'alerts', 'not judged', 'per 100 customer-days', 'customers', 'each', 'a day', 'busiest day'],
      rows.map(([name, each]) => [name, ...howMuch(each)]),
    ),
    '',
    ...(isFew ? [`* fewer than ${few} judged alerts: too few to go by`] : []),
    ...definitions(label),
  ];
}

const howRight = ({ judged, right, precision, baseRate, lift, ...more }: AlertQuality): readonly string[] => [
  `${count(judged)}${judged > 0 && judged < few ? ' *' : ''}`,
  count(right),
  precision === null ? unknown : `${percent(precision.share)} (${percent(precision.low)}..${percent(precision.high)})`,
  percent(baseRate),
  decimals(lift, 2),
  decimals(more.withinFrequency?.share ?? null, 3),
  decimals(more.withinFrequency?.ofDecided ?? null, 3),
  percent(more.coverage),
  more.leadDays === null ? unknown : `${decimals(more.leadDays, 1)} d`,
];

const howMuch = ({ alerts, judged, customers, busiest, ...more }: AlertQuality): readonly string[] => [
  count(alerts),
  count(alerts - judged),
  decimals(more.per100CustomerDays, 3),
  count(customers),
  decimals(more.alertsPerCustomer, 2),
  decimals(more.perDay, 1),
  busiest === null ? unknown : `${count(busiest.alerts)} on ${day(busiest.day)}`,
];

function definitions({ kind, horizonMs, ...label }: Label): readonly string[] {
  const horizon = days(horizonMs);
  const type = 'type' in label ? label.type : '';
  const lapse =
    kind === 'event'
      ? `right: ${type} within ${horizon} after the alert. A lapse: each ${type}; covered by an alert in the ${horizon} before it.`
      : `right: no engagement within ${horizon} after the alert. A lapse: a gap in engagement longer than ${horizon}; covered by an alert from ${horizon} before the gap begins until ${days(horizonMs / 2)} into it.`;
  const lead = kind === 'event' ? `until ${type}` : `until the gap is ${horizon} long; negative: it was already`;
  return [
    lapse,
    `judged: alerts whose ${horizon} lie within the data. lead: median over alerts that were right, from the alert ${lead}.`,
    `base rate: the same asked of everybody seen in the ${days(Math.max(90 * DAY, horizonMs))} before, at the weekly cut-off before each judged alert; lift = precision / base rate.`,
    'within equal frequency: pairs of one alerted in the week before a cut-off and one not, both in the same quarter by active days in 90 days: in which share only the alerted one lapsed, half of those counted in which both or neither did. 0.5 is a coin; rare lapses keep it near. where one lapsed: the share without those.',
    'customer-days: from each first event to the end of the data. any rule: all alerts; first alert: one for each customer. docs/rules.md, "How good is a rule?".',
  ];
}

const days = (ms: number): string => `${Number((ms / DAY).toFixed(1))} days`;
