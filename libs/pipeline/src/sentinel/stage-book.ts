import type { ChurnDefinition, CustomerId, EpochMs, Evaluation, Stage, StageMove, TenantId } from '#domain';
import { customerKey, restoresStage } from '#domain';
import type { EvaluationRequest } from '../ports/evaluator.js';
import type { StoredStage } from '../ports/stage-store.js';
import { stageMoveIdOf } from './route.js';
import type { Schedule } from './schedule.js';

/** The stage as the last move left it; the next move's number is one more. */
export interface ToldStage {
  readonly stage: Stage | null;
  readonly sequence: number;
}

/** Which stage each scheduled customer was last told to be in. The schedule has room for it in its entries. */
export class StageBook {
  /** Whose moves are stored further than their flags are decided: somebody died between storing the two. */
  private readonly ahead = new Map<string, EpochMs>();

  constructor(
    private readonly churn: ChurnDefinition,
    private readonly schedule: Schedule,
  ) {}

  clear(): void {
    this.ahead.clear();
  }

  /** Those of whom only the store can say what was told: new customers, and old ones who had nothing to come. */
  unknown(requests: readonly EvaluationRequest[]): readonly EvaluationRequest[] {
    const seen = new Set<string>();
    return requests.filter(({ tenant, customer }) => {
      if (this.schedule.told(tenant, customer) !== undefined) return false;
      const key = customerKey(tenant, customer);
      return !seen.has(key) && seen.add(key);
    });
  }

  /** `asked`: each with the instant at which they are looked at first. */
  learn(asked: readonly EvaluationRequest[], stored: readonly StoredStage[]): void {
    const known = new Map(stored.map((each) => [customerKey(each.tenant, each.customer), each]));
    for (const { tenant, customer, asOf } of asked) {
      const own = known.get(customerKey(tenant, customer));
      this.schedule.tell(tenant, customer, own ?? { stage: null, sequence: 0 });
      if (own && own.since >= asOf) this.ahead.set(customerKey(tenant, customer), own.since);
    }
  }

  /** Takes one customer's looks, oldest first. Nothing changes until the moves are kept. */
  decide(looks: readonly Evaluation[], detectedAt: EpochMs): readonly StageMove[] {
    const moves: StageMove[] = [];
    for (const { tenant, customer, asOf, stage } of looks) {
      const last = moves.at(-1);
      const told = last ? { stage: last.to, sequence: last.sequence } : this.schedule.told(tenant, customer);
      if (stage === null || stage === told?.stage || this.isAhead(tenant, customer, asOf)) continue;
      const sequence = (told?.sequence ?? 0) + 1;
      moves.push({
        id: stageMoveIdOf(tenant, customer, sequence),
        sequence,
        tenant,
        customer,
        definition: this.churn.version,
        from: told?.stage ?? null,
        to: stage,
        becameDueAt: asOf,
        detectedAt,
        amends: null,
      });
    }
    return moves;
  }

  keep(moves: readonly StageMove[]): void {
    for (const { tenant, customer, to, sequence } of moves)
      this.schedule.tell(tenant, customer, { stage: to, sequence });
  }

  private isAhead(tenant: TenantId, customer: CustomerId, asOf: EpochMs): boolean {
    if (this.ahead.size === 0) return false;
    const key = customerKey(tenant, customer);
    const upTo = this.ahead.get(key);
    if (upTo !== undefined && asOf > upTo) this.ahead.delete(key);
    return upTo !== undefined && asOf <= upTo;
  }
}

/** The moves of one customer's stage that still hold, oldest first, out of everything stored in the order of `sequence`. */
export function standingStages(stored: readonly StageMove[]): readonly StageMove[] {
  const moves: StageMove[] = [];
  for (const move of stored) {
    while (move.amends !== null && moves.length > 0 && moves.at(-1)!.becameDueAt >= move.amends) moves.pop();
    if (!restoresStage(move)) moves.push(move);
  }
  return moves;
}

/**
 * What is to be added so that a customer's stored stages come to what should have been: `anew` is what they came to when
 * decided again from `since` on.
 */
export function stageAmendment(
  stored: readonly StageMove[],
  since: EpochMs,
  anew: readonly StageMove[],
  detectedAt: EpochMs,
): readonly StageMove[] {
  const standing = standingStages(stored);
  const was = standing.filter((move) => move.becameDueAt >= since);
  let same = 0;
  while (same < was.length && isSame(was[same]!, anew[same])) same++;
  const [undone, instead] = [was[same], anew.slice(same)];
  if (undone === undefined && instead.length === 0) return [];
  const from = Math.min(undone?.becameDueAt ?? Infinity, instead[0]?.becameDueAt ?? Infinity) as EpochMs;
  const base = was[same - 1] ?? standing.findLast((move) => move.becameDueAt < since);
  // Nothing follows: the customer is where they were before.
  const follows = instead.length > 0 ? instead : base ? [restored(base, from)] : [];
  let last: Pick<StageMove, 'sequence' | 'to'> | undefined = stored.at(-1);
  return follows.map((move, index): StageMove => {
    const sequence = (last?.sequence ?? 0) + 1;
    const id = stageMoveIdOf(move.tenant, move.customer, sequence);
    // Where nothing told is taken back, it is simply told now.
    const amends = index === 0 && undone !== undefined ? from : null;
    const row = { ...move, id, sequence, from: last?.to ?? null, detectedAt, amends };
    last = row;
    return row;
  });
}

const isSame = (was: StageMove, now: StageMove | undefined): boolean =>
  was.to === now?.to && was.becameDueAt === now.becameDueAt;

const restored = (base: StageMove, from: EpochMs): StageMove => ({
  ...base,
  becameDueAt: Math.min(base.becameDueAt, from - 1) as EpochMs,
});
