import { seeded } from '../metrics/bootstrap.js';
import { bgNone, fitBgNbd } from './bg-nbd.js';
import { fitGammaGamma } from './gamma-gamma.js';
import { fitMbgNbd } from './mbg-nbd.js';
import { fitParetoNbd, paretoNone } from './pareto-nbd.js';
import type { PurchaseHistory } from './purchase-history.js';

const random = seeded(7);
const waitOf = (rate: number): number => -Math.log(1 - random()) / rate;
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Marsaglia & Tsang (2000); below shape 1 by their remark on powers of a uniform. */
function gamma(shape: number, rate: number): number {
  if (shape < 1) return gamma(shape + 1, rate) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / rate;
  }
}
const beta = (a: number, b: number): number => {
  const x = gamma(a, 1);
  return x / (x + gamma(b, 1));
};

interface Life {
  readonly rate: number;
  readonly leavesAfterPurchase: number;
  readonly leavesAtFirst: boolean;
  readonly leavesAt: number;
}

/** Repeat purchases until `age`, and whether any came in the `horizon` after it. */
function live(life: Life, age: number, horizon: number): PurchaseHistory & { readonly none: boolean } {
  let [repeats, lastAt] = [0, 0];
  let none = true;
  let gone = life.leavesAtFirst && random() < life.leavesAfterPurchase;
  for (let at = waitOf(life.rate); !gone && at < Math.min(life.leavesAt, age + horizon); at += waitOf(life.rate)) {
    if (at > age) {
      none = false;
      break;
    }
    repeats += 1;
    lastAt = at;
    gone = random() < life.leavesAfterPurchase;
  }
  return { repeats, lastAt, age, none };
}

const customers = 5_000;
const ageOf = (i: number): number => 80 + (i % 12);
const within10 = (found: Readonly<Record<string, number>>, truth: Readonly<Record<string, number>>): void => {
  for (const [name, value] of Object.entries(truth)) {
    expect({ [name]: Math.abs(found[name]! / value - 1) < 0.1 }).toEqual({ [name]: true });
  }
};
const share = (of: readonly boolean[]): number => of.filter(Boolean).length / of.length;
const mean = (of: readonly number[]): number => of.reduce((sum, x) => sum + x, 0) / of.length;

describe('made-up customers', () => {
  it.each([false, true])('give BG/NBD or MBG/NBD (%s) their parameters back', (leavesAtFirst) => {
    const truth = { r: 0.8, alpha: 5, a: 0.9, b: 2.2 };
    const lives = Array.from({ length: customers }, (_, i) =>
      live(
        {
          rate: gamma(truth.r, truth.alpha),
          leavesAfterPurchase: beta(truth.a, truth.b),
          leavesAtFirst,
          leavesAt: Infinity,
        },
        ageOf(i),
        20,
      ),
    );
    const fit = leavesAtFirst ? fitMbgNbd(lives) : fitBgNbd(lives);
    if (fit.kind !== 'fitted') throw new Error(fit.detail);
    within10(fit.parameters, truth);
    if (!leavesAtFirst) {
      const foretold = mean(lives.map((life) => bgNone(fit.parameters, life, 20)));
      expect(Math.abs(foretold - share(lives.map(({ none }) => none)))).toBeLessThan(0.01);
    }
  });

  it('give Pareto/NBD its parameters back, and as many stay away as it says', () => {
    const truth = { r: 0.9, alpha: 6, s: 1.2, beta: 20 };
    const lives = Array.from({ length: 3_000 }, (_, i) =>
      live(
        {
          rate: gamma(truth.r, truth.alpha),
          leavesAfterPurchase: 0,
          leavesAtFirst: false,
          leavesAt: waitOf(gamma(truth.s, truth.beta)),
        },
        ageOf(i),
        20,
      ),
    );
    const fit = fitParetoNbd(lives);
    if (fit.kind !== 'fitted') throw new Error(fit.detail);
    within10({ r: fit.parameters.r, alpha: fit.parameters.alpha }, { r: truth.r, alpha: truth.alpha });
    // Of s and beta by themselves a sample this small says little; their quotient is the rate of leaving.
    within10({ leaving: fit.parameters.s / fit.parameters.beta }, { leaving: truth.s / truth.beta });
    const foretold = mean(lives.map((life) => paretoNone(fit.parameters, life, 20)));
    expect(Math.abs(foretold - share(lives.map(({ none }) => none)))).toBeLessThan(0.015);
  });

  it('give Gamma-Gamma its parameters back', () => {
    const truth = { p: 6, q: 4, v: 15 };
    const spendings = Array.from({ length: customers }, (_, i) => {
      const rate = gamma(truth.q, truth.v);
      const purchases = 1 + (i % 6);
      return { purchases, mean: mean(Array.from({ length: purchases }, () => gamma(truth.p, rate))) };
    });
    const fit = fitGammaGamma(spendings);
    if (fit.kind !== 'fitted') throw new Error(fit.detail);
    within10(fit.parameters, truth);
  });

  it('who never leave have no dropout to estimate: refused', () => {
    const lives = Array.from({ length: 800 }, (_, i) =>
      live({ rate: gamma(2, 4), leavesAfterPurchase: 0, leavesAtFirst: false, leavesAt: Infinity }, ageOf(i), 20),
    );
    expect(fitBgNbd(lives)).toMatchObject({
      kind: 'degenerate',
      detail: expect.stringMatching(/BG\/NBD: .* ran to its bound/) as unknown,
    });
    expect(fitBgNbd([])).toMatchObject({ kind: 'degenerate' });
  });
});
