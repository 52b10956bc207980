import { minimise } from '../numeric/minimise.js';

/** What maximum likelihood found. A degenerate fit has no parameters to go on with. */
export type Fit<Name extends string> =
  | {
      readonly kind: 'fitted';
      readonly parameters: Readonly<Record<Name, number>>;
      readonly logLikelihood: number;
      /** How many customers it was fitted to. */
      readonly customers: number;
    }
  | { readonly kind: 'degenerate'; readonly detail: string };

/** No data of ours had a sound fit outside. In a corner the likelihood is flat: the model does not describe such data. */
const bounds = { low: 1e-4, high: 1e4 };

interface FitQuestion<Name extends string> {
  readonly model: string;
  /** Where the search begins. */
  readonly start: Readonly<Record<Name, number>>;
  /** At positive parameters, over all customers. */
  readonly logLikelihood: (parameters: Readonly<Record<Name, number>>) => number;
  readonly customers: number;
  /** How many of those active drop out each time, or per unit of time. */
  readonly dropout?: (parameters: Readonly<Record<Name, number>>) => number;
}

/** With fewer the likelihood falls towards nobody so slowly that a search comes to rest on the way. */
const leastDropout = 0.001;

/**
 * Searches in the logarithms of the parameters, so all stay positive. Refused when a parameter runs to a bound: then the
 * likelihood has no inner maximum, as where nobody drops out (a of BG/NBD towards 0) or everybody does alike.
 */
export function fitByLikelihood<Name extends string>(question: FitQuestion<Name>): Fit<Name> {
  const { model, start, logLikelihood, customers, dropout } = question;
  if (customers === 0) return { kind: 'degenerate', detail: `${model}: there is no customer to fit it to` };
  const names = Object.keys(start) as Name[];
  const named = (at: readonly number[]): Record<Name, number> =>
    Object.fromEntries(names.map((name, i) => [name, Math.exp(at[i]!)])) as Record<Name, number>;
  const [low, high] = [Math.log(bounds.low), Math.log(bounds.high)];
  const found = minimise(
    (at) => (at.some((x) => x < low || x > high) ? Infinity : -logLikelihood(named(at)) / customers),
    names.map((name) => Math.log(start[name])),
  );
  const parameters = named(found.at);
  if (!Number.isFinite(found.value))
    return { kind: 'degenerate', detail: `${model}: the likelihood is nowhere finite` };
  const stuck = names.filter((_, i) => found.at[i]! < low + 0.7 || found.at[i]! > high - 0.7);
  if (stuck.length === 0) {
    const share = dropout?.(parameters) ?? 1;
    if (share >= leastDropout)
      return { kind: 'fitted', parameters, logLikelihood: -found.value * customers, customers };
    return {
      kind: 'degenerate',
      detail: `${model}: dropout ran to its bound (${share.toPrecision(2)}): nobody leaves`,
    };
  }
  const where = stuck.map((name) => `${name} ran to its bound (${parameters[name].toPrecision(3)})`);
  return { kind: 'degenerate', detail: `${model}: ${where.join(', ')}; these data do not hold what it estimates` };
}
