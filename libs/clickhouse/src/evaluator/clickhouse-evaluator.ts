import type { EpochMs, Evaluation, Pack, TenantId, Verdict } from '#domain';
import { customerId, DAY, epochMs, HOUR, hourExactMs } from '#domain';
import type { EvaluationRequest, Evaluator } from '#pipeline';
import { byTenant } from '../by-tenant.js';
import type { Store } from '../store.js';
import { evaluationQuery, verdictCodes } from './evaluation-query.js';
import { neverMs } from './signal-sql.js';
import { stageCodes } from './stage-sql.js';

export class ClickHouseEvaluator implements Evaluator {
  private readonly query;

  constructor(
    private readonly store: Store,
    readonly pack: Pack,
  ) {
    this.query = evaluationQuery(pack);
  }

  /** Customers without any event up to their `asOf` are left out of the answer. */
  async evaluate(requests: readonly EvaluationRequest[]): Promise<readonly Evaluation[]> {
    const answers: Evaluation[] = [];
    for (const [tenant, asked] of byTenant(requests)) answers.push(...(await this.evaluateSome(tenant, asked)));
    return answers;
  }

  private async evaluateSome(tenant: TenantId, asked: readonly EvaluationRequest[]): Promise<Evaluation[]> {
    const earliest = asked.reduce((least, request) => Math.min(least, request.asOf), Infinity);
    const instants = new Map<string, number[]>();
    for (const { customer, asOf } of asked) instants.set(customer, [...(instants.get(customer) ?? []), asOf]);
    const rows = await this.store.tuples(this.query, {
      tenant,
      customers: [...instants.keys()],
      places: [...instants.keys()].map((_, index) => index + 1),
      instants: [...instants.values()],
      oldestHour: floorTo(earliest - hourExactMs, DAY),
      oldestEvent: floorTo(earliest, HOUR),
    });
    return rows.map(([customer, asOf, verdicts, values, nextChange, nextBreach, stage, nextStage, usualGapDays]) => ({
      tenant,
      customer: customerId(customer),
      asOf: epochMs(asOf),
      verdicts: new Map(this.pack.rules.map((rule, index) => [rule.id, verdictOf(verdicts[index])])),
      signals: Object.fromEntries(this.pack.signals.map((signal, index) => [signal.name, values[index] ?? null])),
      nextChangeAt: instantOf(nextChange),
      nextBreachAt: instantOf(nextBreach),
      stage: stageCodes[stage] ?? null,
      nextStageAt: instantOf(nextStage),
      usualGapDays,
    }));
  }
}

const floorTo = (instant: number, sizeMs: number): number => Math.floor(instant / sizeMs) * sizeMs;
const instantOf = (at: number): EpochMs | null => (at >= neverMs ? null : epochMs(at));
const verdictOf = (code: number | undefined): Verdict => verdictCodes[code ?? 0] ?? 'no-data';
