const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);
/** Below this the series of Stirling is not yet exact to a double; the recurrence lifts what is smaller. */
const stirlingFrom = 10;

/** ln Γ(x) for x > 0, to about 14 digits. Stirling's series; Abramowitz & Stegun 1964, 6.1.41 and 6.1.15. */
export function logGamma(x: number): number {
  if (!(x > 0)) return NaN;
  let [at, lifted] = [x, 1];
  while (at < stirlingFrom) {
    lifted *= at;
    at += 1;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square / 360.36)))));
  return (at - 0.5) * Math.log(at) - at + halfLogTwoPi + series - Math.log(lifted);
}

/** ln B(a, b). */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** ln(e^a + e^b) without overflow. */
export function logSum(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}

const mostTerms = 100_000;

/** 2F1(a, b; c; z) for 0 <= z < 1 by Gauss's series; Abramowitz & Stegun 1964, 15.1.1. NaN when it does not come to rest. */
export function hypergeometric(a: number, b: number, c: number, z: number): number {
  let [term, sum] = [1, 1];
  for (let n = 0; n < mostTerms; n++) {
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    sum += term;
    if (Math.abs(term) <= 1e-15 * Math.abs(sum)) return sum;
  }
  return NaN;
}

/**
 * Regularised incomplete beta function I_x(a, b): the share of a Beta(a, b) below x.
 * Continued fraction of Abramowitz & Stegun 1964, 26.5.8, evaluated from the front by Lentz's method (1976).
 */
export function betaShareBelow(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on one side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShareBelow(1 - x, b, a);
  const tiny = 1e-300;
  const kept = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return (Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a) * fraction;
}

interface Node {
  readonly at: number;
  readonly weight: number;
}

/** Nodes and weights of the Gauss-Legendre rule on [0, 1]; Abramowitz & Stegun 1964, 25.4.29. */
function legendreNodes(count: number): readonly Node[] {
  return Array.from({ length: count }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let turn = 0; turn < 100; turn++) {
      let [before, now] = [1, x];
      for (let n = 2; n <= count; n++) [before, now] = [now, ((2 * n - 1) * x * now - (n - 1) * before) / n];
      slope = (count * (x * now - before)) / (x * x - 1);
      const step = now / slope;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    return { at: (1 - x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
}

const nodes = legendreNodes(12);

/** The integral from `from` to `to` of a function that twelve points describe. */
export function integrate(f: (x: number) => number, from: number, to: number): number {
  let sum = 0;
  for (const { at, weight } of nodes) sum += weight * f(from + at * (to - from));
  return sum * (to - from);
}
