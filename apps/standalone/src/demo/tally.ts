import type { Observation, Observer } from '#pipeline';

/** Counts what the use cases report, for the demo's closing words. */
export class Tally {
  admitted = 0;
  folded = 0;
  rejected = 0;
  readonly raised = new Map<string, number>();
  readonly cleared = new Map<string, number>();
  readonly delivered = new Map<string, number>();
  readonly undelivered = new Map<string, number>();
  /** In the clock's milliseconds. */
  readonly delaysMs: number[] = [];
  tracked = 0;

  readonly observer: Observer = (observation) => this.take(observation);

  private take(observation: Observation): void {
    switch (observation.kind) {
      case 'admitted':
        this.admitted += observation.count;
        return;
      case 'rejected':
        this.rejected += observation.count;
        return;
      case 'folded':
        this.folded += observation.events;
        return;
      case 'scheduled':
        this.tracked = observation.customers;
        return;
      case 'moved': {
        const { from, to, rule, delayMs } = observation;
        if (to === 'firing' && from !== 'recovering') {
          add(this.raised, rule);
          this.delaysMs.push(delayMs);
        }
        if (to === 'clear' && from !== 'pending') add(this.cleared, rule);
        return;
      }
      case 'attempted':
        add(observation.state === 'delivered' ? this.delivered : this.undelivered, observation.channel);
        return;
      case 'lag':
      case 'evaluated':
        return;
    }
  }

  get raisedTotal(): number {
    return sum(this.raised);
  }
  raisedBy(rules: readonly string[]): number {
    return rules.reduce((total, rule) => total + (this.raised.get(rule) ?? 0), 0);
  }
  get deliveredTotal(): number {
    return sum(this.delivered);
  }
}

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, each) => total + each, 0);

/** Of values in any order; null when there are none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
