import { z } from 'zod';
import type { ScoreModel } from '#scoring';
import { farthest, labelText } from '#scoring';
import { markedAt, pastEvents, pastFigures, windowCount, windowFigures } from '../past-sql.js';
import { query } from '../query.js';
import { featureSql, number } from './feature-sql.js';

const scored = z.tuple([z.string(), z.number()]);
const asked = {
  tenant: z.string(),
  knownUpTo: z.number(),
  /** Where each period begins, the first at `knownUpTo`. */
  asOfs: z.array(z.number()).min(1),
  spans: z.array(z.number()).length(windowCount),
  engaged: z.array(z.string()),
  frictions: z.array(z.string()),
  marked: z.string(),
  /** Who was active last before is not asked of. */
  activeFrom: z.number(),
};

export const scoreEverybody = (model: ScoreModel) =>
  query({
    name: 'score-everybody',
    about: aboutOf(model, 'everybody'),
    sql: scoreSql(model),
    params: z.object(asked),
    row: scored,
  });

export const scoreCustomers = (model: ScoreModel) =>
  query({
    name: 'score-customers',
    about: aboutOf(model, 'some customers'),
    sql: scoreSql(model, ' AND customer IN {customers:Array(String)}'),
    params: z.object({ ...asked, customers: z.array(z.string()) }),
    row: scored,
  });

const aboutOf = ({ outcome }: ScoreModel, whom: string): string =>
  `The score of ${whom} at risk as of an instant, by a model that foretells "${labelText(outcome)}".`;

/**
 * What `scoreAll` works out, in one statement: the past of each customer, its features in each period as if nothing came until
 * then, their weighed sum as a chance. The model stands in the text, since it is a program and not a value; its names are a
 * closed list and its numbers printed exactly. What is asked is bound.
 */
export function scoreSql(model: ScoreModel, among = ''): string {
  const features = featureSql(model);
  const terms = model.features.map(({ name, weight, mean, spread }) => {
    const feature = features[name];
    if (!feature) throw new TypeError(`a score of this store has no feature "${name}"`);
    const far = number(farthest);
    return `    + ${number(weight)} * least(${far}, greatest(-${far}, (${feature} - ${number(mean)}) / ${number(spread)}))`;
  });
  const periods = Array.from({ length: periodsAsked(model) }, (_, i) =>
    windowFigures(`{asOfs:Array(Int64)}[${i + 1}]`),
  );
  const perPeriod = (figure: keyof (typeof periods)[number]): string =>
    `[${periods.map((figures) => figures[figure]).join(',\n    ')}]`;
  return `SELECT customer, ${scoreOf(model)} AS score
FROM (
SELECT customer, arrayMap((as_of, window_days, window_events, window_amounts, window_frictions) -> 1 / (1 + exp(-(${number(model.intercept)}
${terms.join('\n')}
    ))), {asOfs:Array(Int64)}, days, counts, amounts, hurts) AS chances
FROM (
  SELECT customer, ${pastFigures.firstAt} AS first_at, ${pastFigures.lastAt} AS last_at,
    ${pastFigures.activeDays} AS active_days, ${pastFigures.events} AS event_count, ${pastFigures.amount} AS spend,
    -- ClickHouse compares no whole number of 64 bits with a fraction.
    toFloat64(${pastFigures.longestGapDays}) AS longest_gap,
    ${perPeriod('activeDays')} AS days,
    ${perPeriod('events')} AS counts,
    ${perPeriod('amount')} AS amounts,
    ${perPeriod('frictions')} AS hurts
  FROM (
  ${pastEvents(among)}
  )
  GROUP BY tenant, customer
  HAVING event_count > 0 AND last_at >= {activeFrom:Int64} AND ${markedAt} <= last_at
  SETTINGS optimize_aggregation_in_order = 1
)
)
ORDER BY customer`;
}

/** An event stays away in each period alike; that nothing comes is asked of each as it will look by then. */
export const periodsAsked = ({ outcome, periods }: ScoreModel): number => (outcome.event === null ? periods : 1);

const scoreOf = ({ outcome, periods }: ScoreModel): string =>
  outcome.event === null ? 'arrayProduct(chances)' : `1 - pow(1 - chances[1], ${number(periods)})`;
