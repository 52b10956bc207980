import type { z } from 'zod';
import type { Pack } from '#domain';
import type { ScoreModel } from '#scoring';
import { deadLetterGroups, deadLetterPage, lastLetPass, refusedOffsets } from '../dead-letters.js';
import { alertsToDeliver, deliveryStandings, openDeliveries } from '../delivery-log.js';
import { evaluationQuery } from '../evaluator/evaluation-query.js';
import { fenceHolder } from '../fence.js';
import { feedHours, feedRetirements } from '../feed-store.js';
import {
  customersPage,
  decidedUpTo,
  eventsSince,
  flagsNow,
  pastDecisions,
  touchedSince,
  unpublishedDecisions,
} from './flags.js';
import { historiesPage, historyExtent, meanGap } from '../history-store.js';
import { countedBefore, newestCounted } from '../identity-store.js';
import { journalEnds, journalRecords } from '../journal.js';
import { migrations } from '../migrations/index.js';
import { modelCards, modelChanges } from '../model-store.js';
import type { Query } from '../query.js';
import { customerPanel, deedsWithin } from '../panel-store.js';
import { ruleEditions } from '../rule-store.js';
import { churnPeriods, silenceDays } from '../silence-store.js';
import { scoreCustomers, scoreEverybody } from '../score/score-query.js';
import { pastStages, stagesNow, unpublishedStages } from '../stage-store.js';
import { valueAsOf, valueQuery } from '../value-store.js';
import { earlierPlannedChunks, lastPlannedChunk } from '../window-store.js';
import * as cells from './cells.js';
import * as incidents from './incidents.js';
import * as views from './views.js';

type AnyQuery = Query<z.ZodType, z.ZodType>;

const queriesOf = (module: object): readonly AnyQuery[] =>
  (Object.values(module) as readonly AnyQuery[]).filter((value) => typeof value === 'object' && 'sql' in value);

/** Every statement that is ever sent, for some packs and a trained score, as files for docs/sql: reviewed in diffs, compared with the code by a spec. */
export function sqlPages(packs: readonly Pack[], model: ScoreModel): ReadonlyMap<string, string> {
  const queries: readonly AnyQuery[] = [
    fenceHolder,
    lastPlannedChunk,
    earlierPlannedChunks,
    countedBefore,
    newestCounted,
    feedHours,
    feedRetirements,
    ruleEditions,
    historyExtent,
    historiesPage,
    meanGap,
    customerPanel,
    deedsWithin,
    silenceDays,
    churnPeriods,
    modelCards,
    modelChanges,
    ...queriesOf(cells),
    ...queriesOf(incidents),
    stagesNow,
    pastStages,
    unpublishedStages,
    valueAsOf,
    flagsNow,
    unpublishedDecisions,
    pastDecisions,
    eventsSince,
    customersPage,
    touchedSince,
    decidedUpTo,
    deadLetterPage,
    deadLetterGroups,
    refusedOffsets,
    lastLetPass,
    openDeliveries,
    alertsToDeliver,
    deliveryStandings,
    journalEnds,
    journalRecords,
    ...queriesOf(views),
    ...packs.map(evaluationQuery),
    ...packs.map(valueQuery),
    scoreEverybody(model),
    scoreCustomers(model),
  ];
  const pages = new Map(queries.map((query) => [`${query.name}.sql`, `-- ${query.about}\n${query.sql.trim()}\n`]));
  for (const { version, name, statements } of migrations) {
    const file = `migration-${String(version).padStart(4, '0')}.sql`;
    pages.set(file, `-- ${name}\n${statements.map((statement) => `${statement.trim()};\n`).join('\n')}`);
  }
  return pages;
}
