/** Silences alike: so many whole days long, as far as was seen. */
export interface SilenceCount {
  /** Of the base: customers are dealt out to parts, to be drawn anew by. */
  readonly part: number;
  /** From 1. */
  readonly days: number;
  /** Ended by an activity on the day after these. */
  readonly returned: number;
  /** Of these nobody knows more: the data end. */
  readonly open: number;
}

/** With fewer silences under way a share says little. */
export const fewestSilences = 30;

/** Returned and open silences by their days. */
export interface DayCounts {
  readonly returned: Float64Array;
  readonly open: Float64Array;
}

/**
 * How likely is it that somebody who has been silent for so long comes back? Kaplan & Meier (1958) over silences, a day a
 * step: of those under way at a day's beginning, whose day lies within the data, the share that ended on it. A silence
 * that is still open counts for the days it was seen and for none after; so the answer stays right where many are.
 */
export class ReturnCurve {
  /** Under way at the beginning of day k, its end within the data: they have lasted k days. */
  private readonly underWay: Float64Array;

  constructor(private readonly counts: DayCounts) {
    const { returned, open } = counts;
    this.underWay = new Float64Array(returned.length + 1);
    // Whoever is open after k days was not seen to the end of day k.
    for (let k = returned.length - 1, openLater = 0; k >= 0; k--) {
      this.underWay[k] = returned[k]! + (k + 1 < returned.length ? this.underWay[k + 1]! : 0) + openLater;
      openLater = open[k]!;
    }
  }

  /** Silences that lasted so many days, and were seen for one more. */
  reached(days: number): number {
    return this.underWay[days] ?? 0;
  }

  /** The first day at which there are fewer than enough under way. */
  get reach(): number {
    let day = 1;
    while (this.reached(day) >= fewestSilences) day++;
    return day;
  }

  /** The share that comes back in days [days, until), of those silent at the beginning; null where nobody was seen. */
  returns(days: number, until: number): number | null {
    let stay = 1;
    for (let k = days; k < until && stay > 0; k++) {
      const underWay = this.reached(k);
      if (underWay === 0) return null;
      stay *= 1 - this.counts.returned[k]! / underWay;
    }
    return 1 - stay;
  }

  /** Enough silences began, and at the end enough are left to be seen: of those who stay away, most were not cut off. */
  isKnown(days: number, until: number): boolean {
    const returns = this.returns(days, until);
    if (returns === null || this.reached(days) < fewestSilences) return false;
    const atTheEnd = this.reached(until - 1);
    return atTheEnd >= fewestSilences || atTheEnd >= (this.reached(days) * (1 - returns)) / 2;
  }
}
