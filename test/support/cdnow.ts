import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DAY } from '#domain';
import type { PurchaseHistory, Spending } from '#scoring';

export interface CdnowPurchase {
  readonly customer: string;
  /** 1997-01-01 */
  readonly date: string;
  readonly discs: number;
  readonly dollars: number;
}

/** The shipped sample of CDNOW's customers, in the file's order. */
export function cdnowPurchases(): readonly CdnowPurchase[] {
  const text = gunzipSync(readFileSync(join(process.cwd(), 'data/cdnow/sample.txt.gz'))).toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [, customer, date, discs, dollars] = line.trim().split(/\s+/) as [string, string, string, string, string];
      return {
        customer,
        date: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`,
        discs: Number(discs),
        dollars: Number(dollars),
      };
    });
}

export interface CdnowCustomer {
  readonly history: PurchaseHistory;
  /** Of repeat purchases up to the cut; null without any. */
  readonly spending: Spending | null;
  /** Days with a purchase after the cut. */
  readonly bought: number;
}

/** Weeks as the unit, purchases of one day as one. */
export function cdnowCustomers(cut: string): readonly CdnowCustomer[] {
  const days = new Map<string, Map<string, number>>();
  for (const { customer, date, dollars } of cdnowPurchases()) {
    const own = days.get(customer) ?? new Map<string, number>();
    days.set(customer, own.set(date, (own.get(date) ?? 0) + dollars));
  }
  const weeks = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / (7 * DAY);
  return [...days.values()].map((own) => {
    const dates = [...own.keys()].toSorted();
    const [known, later] = [dates.filter((date) => date <= cut), dates.filter((date) => date > cut)];
    const [first, ...repeats] = known;
    const paid = repeats.map((date) => own.get(date)!);
    return {
      history: {
        repeats: repeats.length,
        lastAt: weeks(first!, repeats.at(-1) ?? first!),
        age: weeks(first!, cut),
      },
      spending:
        paid.length === 0 ? null : { purchases: paid.length, mean: paid.reduce((a, b) => a + b, 0) / paid.length },
      bought: later.length,
    };
  });
}
