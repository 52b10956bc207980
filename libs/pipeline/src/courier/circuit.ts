import type { Clock, DeliveryResult, EpochMs, FailureReason } from '#domain';
import { epochMs, MINUTE, plus, SECOND } from '#domain';

export const circuitStates = ['closed', 'open', 'half-open', 'gone'] as const;
export type CircuitState = (typeof circuitStates)[number];

/** So many failures in a row, and the endpoint is left alone. */
export const failuresToOpen = 5;
/** Doubled with each probe that fails. */
const firstRestMs = 30 * SECOND;
const longestRestMs = 10 * MINUTE;

/** What tells of the endpoint; all else tells of one alert, or that somebody is there. */
const endpointFailures: ReadonlySet<FailureReason> = new Set([
  'unreachable',
  'timeout',
  'refused',
  'server-error',
  'redirected',
  'unsafe-target',
]);

/**
 * Spares a dead endpoint's alerts one timeout each: after some failures in a row nothing is sent for a while, then one
 * alert as a probe, until one arrives. An endpoint that says it is gone for good is believed until the next start.
 */
export class Circuit {
  #state: CircuitState = 'closed';
  #failures = 0;
  #restMs = firstRestMs;
  #until = epochMs(0);
  #openedAt = epochMs(0);

  constructor(
    private readonly clock: Clock,
    private readonly onChange: (state: CircuitState, restMs: number) => void,
  ) {}

  get state(): CircuitState {
    return this.#state;
  }

  /** True while alerts wait because of the endpoint, or did at any time since `instant`. */
  heldUpSince(instant: EpochMs): boolean {
    return this.#state !== 'closed' || this.#openedAt > instant;
  }

  /** When the endpoint is tried again; null: at any time. */
  get restsUntil(): EpochMs | null {
    return this.#state === 'open' ? this.#until : null;
  }

  /** How many tries may be under way now. */
  room(most: number): number {
    if (this.#state === 'open' && this.clock.now() >= this.#until) this.#become('half-open');
    if (this.#state === 'closed') return most;
    return this.#state === 'half-open' ? 1 : 0;
  }

  report(result: DeliveryResult): void {
    if (this.#state === 'gone') return;
    if (result.kind !== 'delivered' && result.reason === 'gone') return this.#become('gone');
    // Never got as far as the endpoint.
    if (result.kind !== 'delivered' && result.reason === 'unaddressed') return;
    if (result.kind === 'retry' && endpointFailures.has(result.reason)) return this.#failed();
    this.#failures = 0;
    this.#restMs = firstRestMs;
    if (this.#state !== 'closed') this.#become('closed');
  }

  #failed(): void {
    this.#failures++;
    // Those that were under way when it opened come in late and say nothing new.
    if (this.#state === 'open' || (this.#state === 'closed' && this.#failures < failuresToOpen)) return;
    if (this.#state === 'half-open') this.#restMs = Math.min(this.#restMs * 2, longestRestMs);
    this.#openedAt = this.clock.now();
    this.#until = plus(this.#openedAt, this.#restMs);
    this.#become('open');
  }

  #become(state: CircuitState): void {
    this.#state = state;
    this.onChange(state, state === 'open' ? this.#restMs : 0);
  }
}
