import type { EpochMs, RuleId } from '#domain';
import { DAY, raises } from '#domain';
import type { BacktestParts, PlayedCustomer } from './backtest.js';
import { backtest } from './backtest.js';
import type { AlertQuality } from './alert-tally.js';
import { AlertTally, ratio } from './alert-tally.js';
import { CutOffs } from './cut-offs.js';
import type { Label } from './label.js';
import { Fate } from './label.js';

export interface MeasureParts extends Omit<BacktestParts, 'question'> {
  readonly tenant: BacktestParts['question']['tenant'];
  readonly label: Label;
  /** Alerts and lapses before are left out; flags have their life from each customer's first event on all the same. */
  readonly from: EpochMs;
  /** Where the data end. */
  readonly to: EpochMs;
}

export interface Measurement {
  readonly label: Label;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Those with at least one event up to `to`. */
  readonly customers: number;
  /** From `from`, or the first event if that is later, to `to`, summed over customers. */
  readonly customerDays: number;
  readonly lapses: number;
  readonly cutOffs: number;
  /** Over all cut-offs: customers at risk, and how many of them lapsed. */
  readonly atRisk: number;
  readonly baseRate: number | null;
  readonly rules: readonly (AlertQuality & { readonly rule: RuleId })[];
  /** The alerts of all rules. */
  readonly anyRule: AlertQuality;
  /** Only the first of them for each customer. */
  readonly firstAlert: AlertQuality;
}

/** Plays a pack's rules over the past and holds their alerts against what became of the customers. Null when aborted. */
export async function measure(parts: MeasureParts): Promise<Measurement | null> {
  const { evaluator, tenant, label, to, from, signal } = parts;
  const count = new Count(
    evaluator.pack.rules.map(({ id }) => id),
    label,
    from,
    to,
  );
  const question = { tenant, upTo: to, marked: label.kind === 'event' ? label.type : null };
  for await (const page of backtest({ ...parts, question })) for (const customer of page) count.add(customer);
  return signal.aborted ? null : count.measurement();
}

class Count {
  private readonly cutOffs: CutOffs;
  /** One for each rule, then for any rule, then for the first alert. */
  private readonly tallies: readonly AlertTally[];
  private customers = 0;
  private customerMs = 0;
  private lapses = 0;

  constructor(
    private readonly rules: readonly RuleId[],
    private readonly label: Label,
    private readonly from: EpochMs,
    private readonly to: EpochMs,
  ) {
    const lists = rules.length + 2;
    this.tallies = Array.from({ length: lists }, () => new AlertTally());
    this.cutOffs = new CutOffs(from, lists, label.horizonMs);
  }

  add({ history, moves }: PlayedCustomer): void {
    const fate = new Fate(history, this.label, this.to);
    const lapses = fate.lapses(this.from);
    const raised = moves.filter((move) => raises(move) && move.at >= this.from);
    const any = raised.map(({ at }) => at);
    const own = this.rules.map((id) => raised.filter(({ rule }) => rule === id).map(({ at }) => at));
    const lists = [...own, any, any.slice(0, 1)];
    this.cutOffs.add(history, fate, lists);
    for (const [index, tally] of this.tallies.entries()) tally.add(fate, lists[index]!, lapses);
    this.customers += 1;
    this.customerMs += Math.max(0, this.to - Math.max(this.from, history.instants[0]!));
    this.lapses += lapses.length;
  }

  measurement(): Measurement {
    const { rules, label, from, to, customers, cutOffs } = this;
    const customerDays = this.customerMs / DAY;
    const days = (to - from) / DAY;
    const qualities = this.tallies.map((tally, list) => tally.quality({ cutOffs, list, customerDays, days }));
    const bases = cutOffs.instants.map((at) => cutOffs.base(at));
    const atRisk = bases.reduce((sum, base) => sum + base.atRisk, 0);
    return {
      label,
      from,
      to,
      customers,
      customerDays,
      lapses: this.lapses,
      cutOffs: bases.length,
      atRisk,
      baseRate: ratio(
        bases.reduce((sum, base) => sum + base.lapsed, 0),
        atRisk,
      ),
      rules: rules.map((rule, index) => ({ rule, ...qualities[index]! })),
      anyRule: qualities[rules.length]!,
      firstAlert: qualities[rules.length + 1]!,
    };
  }
}
