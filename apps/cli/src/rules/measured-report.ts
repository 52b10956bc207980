import type { Locale, Pack } from '#domain';
import { DAY } from '#domain';
import type { AlertQuality, Comparison, HistoryExtent, Label, Measurement } from '#pipeline';
import { count, day, decimals, percent, unknown } from '../figure-texts.js';
import type { Report, ReportTable } from '../report/report.js';
import { labelText } from './measured-figures.js';
import type { MeasuredWords } from './measured-words.js';
import { measuredWords } from './measured-words.js';

/** With fewer alerts a share says little. */
const few = 30;

/** What was measured, with what each column means. */
export function measuredReport(pack: Pack, extent: HistoryExtent, measured: Measurement, locale: Locale): Report {
  const { from, to, label } = measured;
  const words = measuredWords[locale];
  const rows: (readonly [string, AlertQuality])[] = [
    ...measured.rules.map((each) => [each.rule, each] as const),
    [words.anyRule, measured.anyRule],
    [words.firstAlert, measured.firstAlert],
  ];
  const isFew = rows.some(([, { judged }]) => judged > 0 && judged < few);
  return {
    title: words.title(named(pack), labelText(label), day(from), day(to)),
    about: [
      words.base({
        customers: count(measured.customers),
        days: count(Math.round(measured.customerDays)),
        events: count(extent.events),
        lapses: count(measured.lapses),
        cutOffs: count(measured.cutOffs),
        rate: percent(measured.baseRate),
        atRisk: count(measured.atRisk),
      }),
    ],
    tables: [
      { head: words.howRight, rows: rows.map(([name, each]) => [name, ...howRight(each, words)]) },
      {
        head: words.howMuch,
        rows: rows.map(([name, each]) => [name, ...howMuch(each, words)]),
        remarks: isFew ? [words.fewRemark(few)] : [],
      },
      {
        head: words.teams,
        rows: measured.teams.map(({ owner, alerts, perDay, onBusyDays, most, rules }) => [
          owner,
          count(alerts),
          decimals(perDay, 1),
          count(onBusyDays),
          count(most),
          rules.join(', '),
        ]),
      },
    ],
    notes: words.notes(spansOf(label, words)),
  };
}

/** What a draft would change: both packs side by side, then rule by rule, then whom it concerns. */
export function differenceTables(
  [draft, inForce]: readonly [draft: Pack, inForce: Pack],
  compared: Comparison,
  locale: Locale,
  mostCustomers: number,
): readonly ReportTable[] {
  const words = measuredWords[locale];
  const { rules, customers } = compared.difference;
  const sides: ReportTable = {
    head: words.sides,
    rows: [
      [words.inForce(named(inForce)), ...sideOf(compared.inForce.anyRule, words)],
      [words.draft(named(draft)), ...sideOf(compared.draft.anyRule, words)],
    ],
    remarks: customers.length === 0 ? [words.allAlike] : [],
  };
  const byRule: ReportTable = {
    head: words.differing,
    rows: rules.map(({ rule, alike, added, dropped }) => [rule, count(alike), count(added), count(dropped)]),
  };
  if (customers.length === 0) return [sides, byRule];
  const shown = customers.slice(0, mostCustomers);
  const listed = (alerts: (typeof customers)[number]['added']): string =>
    alerts.length === 0 ? unknown : alerts.map(({ rule, at }) => `${rule} ${day(at)}`).join(', ');
  return [
    sides,
    byRule,
    {
      head: words.customers,
      rows: shown.map(({ customer, added, dropped }) => [customer, listed(added), listed(dropped)]),
      remarks: [words.customersRemark(count(shown.length), count(customers.length))],
    },
  ];
}

const named = ({ name, version }: Pack): string => `"${name}" ${version}`;

const precisionText = ({ precision }: AlertQuality): string =>
  precision === null ? unknown : `${percent(precision.share)} (${percent(precision.low)}..${percent(precision.high)})`;
const leadText = (days: number | null, words: MeasuredWords): string =>
  days === null ? unknown : words.days(days.toFixed(1));

const howRight = (each: AlertQuality, words: MeasuredWords): readonly string[] => [
  `${count(each.judged)}${each.judged > 0 && each.judged < few ? ' *' : ''}`,
  count(each.right),
  precisionText(each),
  percent(each.baseRate),
  decimals(each.lift, 2),
  decimals(each.withinFrequency?.share ?? null, 3),
  decimals(each.withinFrequency?.ofDecided ?? null, 3),
  percent(each.coverage),
  leadText(each.leadDays, words),
  leadText(each.leadPerLapseDays, words),
];

const howMuch = (each: AlertQuality, words: MeasuredWords): readonly string[] => [
  count(each.alerts),
  count(each.alerts - each.judged),
  decimals(each.per100CustomerDays, 3),
  count(each.customers),
  decimals(each.alertsPerCustomer, 2),
  count(each.repeats),
  decimals(each.perDay, 1),
  each.busiest === null ? unknown : words.busiest(count(each.busiest.alerts), day(each.busiest.day)),
];

const sideOf = (each: AlertQuality, words: MeasuredWords): readonly string[] => [
  count(each.alerts),
  decimals(each.perDay, 1),
  count(each.judged),
  precisionText(each),
  decimals(each.lift, 2),
  percent(each.coverage),
  leadText(each.leadPerLapseDays, words),
  count(each.repeats),
];

function spansOf(label: Label, { days }: MeasuredWords): Parameters<MeasuredWords['notes']>[0] {
  const text = (ms: number): string => days(String(Number((ms / DAY).toFixed(1))));
  return {
    horizon: text(label.horizonMs),
    half: text(label.horizonMs / 2),
    seen: text(Math.max(90 * DAY, label.horizonMs)),
    type: label.kind === 'event' ? label.type : '',
  };
}
