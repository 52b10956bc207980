import type { EpochMs } from '#domain';
import { DAY } from '#domain';
import type { CutOffs } from './cut-offs.js';
import { cutOffUpTo } from './cut-offs.js';
import type { Fate, Lapse } from './label.js';
import type { Proportion } from './proportion.js';
import { proportion } from './proportion.js';

/** How good a list of alerts is: one rule's, or several rules' together. Null where the data cannot say. */
export interface AlertQuality {
  readonly alerts: number;
  readonly customers: number;
  /** Alerts whose horizon lies within the data; only they count for what follows. */
  readonly judged: number;
  readonly right: number;
  readonly precision: Proportion | null;
  /** What the label says of everybody at risk at the cut-off before each judged alert, their mean. */
  readonly baseRate: number | null;
  readonly lift: number | null;
  /** Over pairs of one alerted and one not, alike in frequency: who lapsed? Half is a coin. */
  readonly withinFrequency: {
    readonly pairs: number;
    readonly share: number;
    readonly ofDecided: number | null;
  } | null;
  readonly lapses: number;
  readonly covered: number;
  readonly coverage: number | null;
  /** Median over alerts that were right. */
  readonly leadDays: number | null;
  /** Mean over lapses, from the first alert that covers each until it is a fact; of one without any it is 0. */
  readonly leadPerLapseDays: number | null;
  /** Alerts within a horizon of an earlier one of the same customer: nobody learns anything new from them. */
  readonly repeats: number;
  readonly alertsPerCustomer: number | null;
  readonly per100CustomerDays: number | null;
  readonly perDay: number | null;
  readonly busiest: { readonly day: EpochMs; readonly alerts: number } | null;
}

/** Against what the counts are set. */
export interface Ground {
  readonly cutOffs: CutOffs;
  /** Of the cut-offs' lists. */
  readonly list: number;
  readonly customerDays: number;
  readonly days: number;
}

/** Counts a list of alerts, customer by customer; keeps counts only, however many alerts there are. */
export class AlertTally {
  private alerts = 0;
  private customers = 0;
  private judged = 0;
  private right = 0;
  private lapses = 0;
  private covered = 0;
  private repeats = 0;
  private leadMs = 0;
  private readonly perDay = new Map<number, number>();
  private readonly judgedPerCutOff = new Map<EpochMs, number>();
  /** In tenths of a day: exact enough to be read, and few. */
  private readonly leads = new Map<number, number>();

  /** One customer's alerts and true lapses, each oldest first. */
  add(fate: Fate, alerts: readonly EpochMs[], lapses: readonly Lapse[]): void {
    this.alerts += alerts.length;
    this.customers += Number(alerts.length > 0);
    for (const [index, at] of alerts.entries()) {
      if (index > 0 && at <= alerts[index - 1]! + fate.horizonMs) this.repeats += 1;
      bump(this.perDay, Math.floor(at / DAY));
      if (!fate.isKnown(at)) continue;
      this.judged += 1;
      bump(this.judgedPerCutOff, cutOffUpTo(at));
      if (!fate.lapsesAfter(at)) continue;
      this.right += 1;
      bump(this.leads, Math.round((fate.leadMs(at) / DAY) * 10));
    }
    this.lapses += lapses.length;
    for (const { coveredFrom, coveredTo, completeAt } of lapses) {
      const first = alerts.find((at) => at > coveredFrom && at <= coveredTo);
      if (first === undefined) continue;
      this.covered += 1;
      this.leadMs += completeAt - first;
    }
  }

  quality({ cutOffs, list, customerDays, days }: Ground): AlertQuality {
    const { alerts, customers, judged, right, lapses, covered } = this;
    const precision = proportion(right, judged);
    const baseRate = this.baseRate(cutOffs);
    const { all, alertedOnly, otherOnly } = cutOffs.pairs(list);
    const decided = alertedOnly + otherOnly;
    const [busiest] = [...this.perDay].toSorted(([dayA, a], [dayB, b]) => b - a || dayA - dayB);
    return {
      alerts,
      customers,
      judged,
      right,
      precision,
      baseRate,
      lift: precision && baseRate ? precision.share / baseRate : null,
      withinFrequency:
        all === 0
          ? null
          : {
              pairs: all,
              share: (alertedOnly + (all - decided) / 2) / all,
              ofDecided: ratio(alertedOnly, decided),
            },
      lapses,
      covered,
      coverage: ratio(covered, lapses),
      leadDays: this.medianLead(),
      leadPerLapseDays: ratio(this.leadMs / DAY, lapses),
      repeats: this.repeats,
      alertsPerCustomer: ratio(alerts, customers),
      per100CustomerDays: ratio(100 * alerts, customerDays),
      perDay: ratio(alerts, days),
      busiest: busiest ? { day: (busiest[0] * DAY) as EpochMs, alerts: busiest[1] } : null,
    };
  }

  private baseRate(cutOffs: CutOffs): number | null {
    let [sum, weight] = [0, 0];
    for (const [at, alerts] of this.judgedPerCutOff) {
      const { atRisk, lapsed } = cutOffs.base(at);
      if (atRisk === 0) continue;
      sum += (alerts * lapsed) / atRisk;
      weight += alerts;
    }
    return ratio(sum, weight);
  }

  /** Of an even number the mean of the middle two. */
  private medianLead(): number | null {
    const sorted = [...this.leads].toSorted(([a], [b]) => a - b);
    const place = (rank: number): number => {
      let seen = 0;
      for (const [tenths, times] of sorted) {
        seen += times;
        if (seen > rank) return tenths;
      }
      return NaN;
    };
    if (this.right === 0) return null;
    return (place(Math.floor((this.right - 1) / 2)) + place(Math.floor(this.right / 2))) / 20;
  }
}

export const ratio = (part: number, of: number): number | null => (of === 0 ? null : part / of);

function bump<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
