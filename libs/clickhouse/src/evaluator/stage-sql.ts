import type { ChurnDefinition, SilenceBound, Stage } from '#domain';
import { DAY } from '#domain';
import type { TypeColumn } from './signal-sql.js';
import { neverMs } from './signal-sql.js';

/** What a number in `stage` stands for. */
export const stageCodes: readonly (Stage | null)[] = [
  null,
  'new',
  'active',
  'slipping',
  'dormant',
  'churned',
  'returned',
];
const code = (stage: Stage): number => stageCodes.indexOf(stage);

/** A customer's stage as SQL over the pieces of their past, each group of columns from those before it. */
export interface StageSql {
  readonly aggregates: readonly { readonly as: string; readonly sql: string }[];
  /** From which instants on, and whether the customer came back from having churned. */
  readonly bounds: readonly { readonly as: string; readonly sql: string }[];
  readonly stage: string;
  /** The instant at which the stage differs if nothing arrives. */
  readonly next: string;
  readonly usualGapDays: string;
}

/**
 * Of the activity up to `new_for` ago only its end and its days matter, and of what came later only the beginning: no
 * churn fits within `new_for`, so nothing but that beginning can have ended one. A piece on both sides of the cut holds
 * a gap of a day at most, which ends none either; it counts as later and makes the later part begin too early to matter.
 */
export function stageSql(churn: ChurnDefinition, typeColumn: TypeColumn): StageSql {
  const types = typeColumn(churn.events);
  const cut = `(as_of - ${churn.newForMs})`;
  const before = `${types} AND last_at <= ${cut}`;
  const priorMs = 3 * churn.priorGapDays * DAY;
  const gapMs = (first: string, last: string, days: string): string =>
    `((${last} - ${first} + ${priorMs}) / (${days} + 2))`;
  const silence = ({ afterMs, gaps }: SilenceBound, gap: string): string =>
    `greatest(${afterMs}, toInt64(ceil(${gaps} * ${gap})))`;
  const from = (bound: SilenceBound): string => `stage__last + ${silence(bound, 'stage__gap')}`;
  const gapBefore = gapMs('stage__first', 'stage__last_before', 'stage__days_before');
  return {
    aggregates: [
      { as: 'stage__first', sql: `minIf(first_at, ${types})` },
      { as: 'stage__last', sql: `maxIf(last_at, ${types})` },
      { as: 'stage__days', sql: `uniqExactIf(day, ${types})` },
      { as: 'stage__last_before', sql: `maxIf(last_at, ${before})` },
      { as: 'stage__days_before', sql: `uniqExactIf(day, ${before})` },
      { as: 'stage__came', sql: `minIf(first_at, ${types} AND last_at > ${cut})` },
    ],
    bounds: [
      { as: 'stage__gap', sql: gapMs('stage__first', 'stage__last', 'stage__days') },
      { as: 'stage__slips', sql: from(churn.slipping) },
      { as: 'stage__sleeps', sql: from(churn.dormant) },
      { as: 'stage__churns', sql: from(churn.churned) },
      {
        as: 'stage__is_back',
        sql: `stage__days_before > 0 AND stage__came > ${cut} AND stage__came - stage__last_before > ${silence(churn.churned, gapBefore)}`,
      },
    ],
    stage:
      `multiIf(stage__days = 0, 0, as_of >= stage__churns, ${code('churned')}, as_of >= stage__sleeps, ${code('dormant')}, ` +
      `as_of >= stage__slips, ${code('slipping')}, stage__first > ${cut}, ${code('new')}, stage__is_back, ${code('returned')}, ${code('active')})`,
    next:
      `multiIf(stage__days = 0 OR as_of >= stage__churns, ${neverMs}, as_of >= stage__sleeps, stage__churns, ` +
      `as_of >= stage__slips, stage__sleeps, stage__first > ${cut}, least(stage__slips, stage__first + ${churn.newForMs}), ` +
      `stage__is_back, least(stage__slips, stage__came + ${churn.newForMs}), stage__slips)`,
    usualGapDays: `if(stage__days = 0, NULL, stage__gap / ${DAY})`,
  };
}
