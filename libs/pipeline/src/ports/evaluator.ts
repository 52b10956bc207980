import type { CustomerId, EpochMs, Evaluation, Pack, TenantId } from '#domain';

export interface EvaluationRequest {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly asOf: EpochMs;
}

/** Computes signals and verdicts where the windows are. The same code live, in replay and in tests: time only enters as `asOf`. */
export interface Evaluator {
  readonly pack: Pack;
  /** One result per request, in any order; none for a request before the customer's first event. Requests are distinct. */
  evaluate(requests: readonly EvaluationRequest[]): Promise<readonly Evaluation[]>;
}
