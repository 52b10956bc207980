import type { PackEntry } from '#contracts';
import type { ChurnDefinition, SilenceBound, ValueDefinition } from '#domain';
import { DAY, usualChurn, usualValue } from '#domain';
import { versionOf } from './version-of.js';

type ChurnEntry = NonNullable<PackEntry['churn']>;
type Complain = (path: readonly string[], message: string) => void;

const boundOf = ({ after, gaps }: ChurnEntry['churned']): SilenceBound => ({ afterMs: after, gaps });

/** A pack without the section has the usual definition. */
export function toChurn(entry: PackEntry['churn'], complain: Complain): ChurnDefinition {
  if (entry === undefined) return usualChurn;
  const steps = [
    ['slipping', 'dormant'],
    ['dormant', 'churned'],
  ] as const;
  for (const [before, step] of steps) {
    if (entry[step].after <= entry[before].after)
      complain([step, 'after'], `must be longer than that of ${before}, which comes before it`);
    if (entry[step].gaps < entry[before].gaps)
      complain([step, 'gaps'], `must not be fewer than those of ${before}, which comes before it`);
  }
  if (entry.slipping.after === 0) complain(['slipping', 'after'], 'must be longer than nothing');
  if (entry.churned.after < DAY) complain(['churned', 'after'], 'must be at least a day');
  // Or two returns might lie within one, and which of them counts could not be told from the days that are kept.
  if (entry.new_for > entry.churned.after) complain(['new_for'], 'must not be longer than the silence of the churned');
  const definition = {
    events: entry.activity,
    priorGapDays: entry.prior_gap_days,
    newForMs: entry.new_for,
    slipping: boundOf(entry.slipping),
    dormant: boundOf(entry.dormant),
    churned: boundOf(entry.churned),
  };
  return { version: versionOf(definition), ...definition };
}

export const toValue = (entry: PackEntry['value']): ValueDefinition =>
  entry === undefined ? usualValue : { earns: entry.earns, givesBack: entry.gives_back };
