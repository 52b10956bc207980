import type { ActivityEvent, Evaluation, Pack } from '#domain';
import { customerKey, DAY, epochMs } from '#domain';
import type { EvaluationRequest, Evaluator } from '#pipeline';
import { stageAt, stageChanges } from './oracle-stages.js';
import { expectation } from './oracle.js';

/** The plain reading of the events in the sentinel's hands: exact about everything, fast with nothing. */
export class OracleEvaluator implements Evaluator {
  private readonly events = new Map<string, ActivityEvent[]>();

  constructor(
    readonly pack: Pack,
    private readonly until: number,
  ) {}

  fold(events: readonly ActivityEvent[]): void {
    for (const event of events) {
      const key = customerKey(event.tenant, event.customer);
      this.events.set(key, [...(this.events.get(key) ?? []), event]);
    }
  }

  async evaluate(requests: readonly EvaluationRequest[]): Promise<readonly Evaluation[]> {
    return requests.flatMap((request) => {
      const { tenant, customer, asOf } = request;
      const past = (this.events.get(customerKey(tenant, customer)) ?? []).filter((event) => event.occurredAt <= asOf);
      if (past.length === 0) return [];
      const expected = expectation(past, this.pack, tenant);
      // Far ahead is worked out when it is near: looking a little too soon only means looking again.
      const until = Math.min(asOf + 2 * DAY, this.until);
      const nextChangeAt =
        expected.nextChange(customer, asOf, epochMs(until)) ?? (until < this.until ? epochMs(until) : null);
      const verdicts = expected.verdicts(customer, asOf);
      const { churn } = this.pack;
      const stage = stageAt(past, churn, asOf);
      const nextStageAt = stageChanges(past, churn, Infinity).find(({ at }) => at > asOf)?.at ?? null;
      const stages = { stage, nextStageAt, usualGapDays: null };
      const signals = expected.signals(customer, asOf);
      return [{ ...request, verdicts, signals, nextChangeAt, nextBreachAt: nextChangeAt, ...stages }];
    });
  }
}
