/**
 * One customer as the models of Fader, Hardie and Schmittlein read them: the first purchase is where their time begins,
 * and only what comes after it counts. Times are in one unit throughout, weeks by custom.
 */
export interface PurchaseHistory {
  /** x: repeat purchases, those of one day counted once. */
  readonly repeats: number;
  /** t_x: from the first purchase to the last; 0 without a repeat. */
  readonly lastAt: number;
  /** T: from the first purchase to the end of what is known. */
  readonly age: number;
}

/** Equal histories once, with their number: half the work of a fit. */
export interface CountedHistory extends PurchaseHistory {
  readonly customers: number;
}

export function countHistories(histories: readonly PurchaseHistory[]): readonly CountedHistory[] {
  const counted = new Map<string, PurchaseHistory & { customers: number }>();
  for (const { repeats, lastAt, age } of histories) {
    const key = `${repeats} ${lastAt} ${age}`;
    const known = counted.get(key);
    if (known) known.customers += 1;
    else counted.set(key, { repeats, lastAt, age, customers: 1 });
  }
  return [...counted.values()];
}
