/** A share with the interval that holds the true one in 95 of 100 cases. */
export interface Proportion {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const z = 1.959963984540054;

/** The score interval of Wilson (1927): honest also when few were counted or nearly all are alike. Null of none. */
export function proportion(hits: number, of: number): Proportion | null {
  if (of === 0) return null;
  const share = hits / of;
  const middle = share + z ** 2 / (2 * of);
  const reach = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  return { share, low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) };
}
