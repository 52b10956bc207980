import type { EpochMs, Pack, Rule, Signal } from '#domain';

/** A rule as it was in force, with every signal that it reads or shows. */
export interface RuleEdition {
  readonly rule: Rule;
  readonly signals: readonly Signal[];
  readonly keptAt: EpochMs;
}

export interface RuleStore {
  /** Keeps each of the pack's rules under its version, for good. Repeating changes nothing. */
  keep(pack: Pack, at: EpochMs): Promise<void>;
  /** Null when no rule was ever kept under this version. */
  edition(version: string): Promise<RuleEdition | null>;
}
