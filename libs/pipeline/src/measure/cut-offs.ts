import type { EpochMs } from '#domain';
import { DAY, epochMs } from '#domain';
import type { CustomerHistory } from '../ports/history-store.js';
import type { Fate } from './label.js';
import { countUpTo } from './label.js';

const weekMs = 7 * DAY;
/** Mondays, 00:00 UTC. */
const someMonday = Date.UTC(2024, 0, 1);
const frequencyMs = 90 * DAY;
const strata = 4;

export const cutOffUpTo = (at: number): EpochMs =>
  epochMs(Math.floor((at - someMonday) / weekMs) * weekMs + someMonday);

/**
 * What the label says of everybody at risk, alerted or not, at weekly cut-offs. Counts only: one cell for each cut-off,
 * number of active days, outcome, and list of alerts.
 */
export class CutOffs {
  private readonly weeks = new Map<EpochMs, Float64Array>();
  private readonly riskMs: number;
  private readonly mostDays: number;

  constructor(
    private readonly from: EpochMs,
    /** Lists of alerts that are kept apart. */
    private readonly lists: number,
    horizonMs: number,
  ) {
    this.riskMs = Math.max(frequencyMs, horizonMs);
    this.mostDays = frequencyMs / DAY + 1;
  }

  /** `alerts`: of each list the customer's alerts, oldest first. */
  add(history: CustomerHistory, fate: Fate, alerts: readonly (readonly EpochMs[])[]): void {
    const { engaged, instants } = history;
    const begun = cutOffUpTo(Math.max(this.from, instants[0]!));
    for (let at = begun; fate.isKnown(at); at = epochMs(at + weekMs)) {
      const last = engaged[countUpTo(engaged, at) - 1];
      if (last === undefined || last <= at - this.riskMs) continue;
      const cells = this.cellsOf(at);
      const row = (activeDays(engaged, at) * 2 + Number(fate.lapsesAfter(at))) * (this.lists + 1);
      cells[row]! += 1;
      for (const [list, own] of alerts.entries()) {
        if (countUpTo(own, at) > countUpTo(own, at - weekMs)) cells[row + 1 + list]! += 1;
      }
    }
  }

  /** How many were at risk at a cut-off, and how many of them lapsed. */
  base(at: EpochMs): { readonly atRisk: number; readonly lapsed: number } {
    const cells = this.weeks.get(at);
    let [stayed, lapsed] = [0, 0];
    if (cells === undefined) return { atRisk: 0, lapsed };
    for (let days = 0; days <= this.mostDays; days++) {
      stayed += this.read(cells, days, 0, 0);
      lapsed += this.read(cells, days, 1, 0);
    }
    return { atRisk: stayed + lapsed, lapsed };
  }

  get instants(): readonly EpochMs[] {
    return [...this.weeks.keys()].toSorted((a, b) => a - b);
  }

  /**
   * Pairs of one customer whom a list's alert reached within the week before a cut-off and one whom none did, both in the
   * same quarter of the base by active days in the 90 days before.
   */
  pairs(list: number): Pairs {
    let [all, alertedOnly, otherOnly] = [0, 0, 0];
    for (const cells of this.weeks.values()) {
      for (const [alertedStayed, alertedLapsed, otherStayed, otherLapsed] of this.stratify(cells, list)) {
        all += (alertedStayed + alertedLapsed) * (otherStayed + otherLapsed);
        alertedOnly += alertedLapsed * otherStayed;
        otherOnly += alertedStayed * otherLapsed;
      }
    }
    return { all, alertedOnly, otherOnly };
  }

  private stratify(cells: Float64Array, list: number): readonly (readonly [number, number, number, number])[] {
    const counts = Array.from({ length: strata }, (): [number, number, number, number] => [0, 0, 0, 0]);
    let total = 0;
    for (let days = 0; days <= this.mostDays; days++)
      total += this.read(cells, days, 0, 0) + this.read(cells, days, 1, 0);
    let below = 0;
    for (let days = 0; days <= this.mostDays; days++) {
      const [stayed, lapsed] = [this.read(cells, days, 0, 0), this.read(cells, days, 1, 0)];
      if (stayed + lapsed === 0) continue;
      // Equal numbers of days are never parted: together they stand where their middle one stands.
      const stratum = counts[Math.floor((strata * (below + (stayed + lapsed) / 2)) / total)]!;
      const [alertedStayed, alertedLapsed] = [this.read(cells, days, 0, 1 + list), this.read(cells, days, 1, 1 + list)];
      stratum[0] += alertedStayed;
      stratum[1] += alertedLapsed;
      stratum[2] += stayed - alertedStayed;
      stratum[3] += lapsed - alertedLapsed;
      below += stayed + lapsed;
    }
    return counts;
  }

  private read(cells: Float64Array, days: number, lapsed: 0 | 1, column: number): number {
    return cells[(days * 2 + lapsed) * (this.lists + 1) + column]!;
  }

  private cellsOf(at: EpochMs): Float64Array {
    let cells = this.weeks.get(at);
    if (cells === undefined) {
      cells = new Float64Array((this.mostDays + 1) * 2 * (this.lists + 1));
      this.weeks.set(at, cells);
    }
    return cells;
  }
}

export interface Pairs {
  readonly all: number;
  /** In which only the alerted one lapsed. */
  readonly alertedOnly: number;
  readonly otherOnly: number;
}

/** UTC days with engagement in the 90 days up to `at`. */
function activeDays(engaged: readonly EpochMs[], at: EpochMs): number {
  let days = 0;
  let day = NaN;
  for (let index = countUpTo(engaged, at) - 1; index >= 0 && engaged[index]! > at - frequencyMs; index--) {
    const own = Math.floor(engaged[index]! / DAY);
    if (own !== day) days++;
    day = own;
  }
  return days;
}
