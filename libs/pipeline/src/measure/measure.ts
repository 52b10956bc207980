import type { EpochMs, Pack, RuleId } from '#domain';
import { DAY, raises } from '#domain';
import type { BacktestParts, PlayedCustomer, PlayedMove } from './backtest.js';
import { backtest } from './backtest.js';
import type { Evaluator } from '../ports/evaluator.js';
import type { AlertQuality } from './alert-tally.js';
import { AlertTally, ratio } from './alert-tally.js';
import { CutOffs } from './cut-offs.js';
import type { Difference } from './difference.js';
import { Differences } from './difference.js';
import type { Label } from './label.js';
import { Fate } from './label.js';
import type { TeamLoad } from './team-load.js';
import { TeamTally } from './team-load.js';

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
  /** The work that would have come to each owner of a playbook, by name. */
  readonly teams: readonly TeamLoad[];
  /** The alerts of all rules. */
  readonly anyRule: AlertQuality;
  /** Only the first of them for each customer. */
  readonly firstAlert: AlertQuality;
}

/** What a draft would change. */
export interface Comparison {
  readonly draft: Measurement;
  readonly inForce: Measurement;
  readonly difference: Difference;
}

/** Plays a pack's rules over the past and holds their alerts against what became of the customers. Null when aborted. */
export async function measure(parts: MeasureParts): Promise<Measurement | null> {
  const count = new Count(parts.evaluator.pack, parts);
  for await (const page of backtest({ ...parts, question: questionOf(parts) }))
    for (const customer of page) count.add(customer);
  return parts.signal.aborted ? null : count.measurement();
}

/** Plays both over the same past, page by page together: only what differs is kept. Null when aborted. */
export async function compare(parts: MeasureParts & { readonly inForce: Evaluator }): Promise<Comparison | null> {
  const { evaluator, inForce, from, signal, onProgress } = parts;
  const [draftCount, inForceCount] = [new Count(evaluator.pack, parts), new Count(inForce.pack, parts)];
  const differences = new Differences();
  const done = [0, 0];
  const play = (by: Evaluator, index: 0 | 1): AsyncIterator<readonly PlayedCustomer[]> => {
    const onOwn = (customers: number): void => {
      done[index] = customers;
      onProgress((done[0]! + done[1]!) / 2);
    };
    const asked = { ...parts, evaluator: by, onProgress: onOwn, question: questionOf(parts) };
    return backtest(asked)[Symbol.asyncIterator]();
  };
  const [drafts, others] = [play(evaluator, 0), play(inForce, 1)];
  for (;;) {
    const [page, other] = [await drafts.next(), await others.next()];
    if (signal.aborted) return null;
    if (page.done === true || other.done === true) break;
    for (const [index, customer] of page.value.entries()) {
      const same = other.value[index]!;
      draftCount.add(customer);
      inForceCount.add(same);
      differences.add(customer.history.customer, alertsOf(customer, from), alertsOf(same, from));
    }
  }
  const [draft, measured] = [draftCount.measurement(), inForceCount.measurement()];
  return { draft, inForce: measured, difference: differences.found() };
}

const questionOf = ({ tenant, to, label }: MeasureParts): BacktestParts['question'] => ({
  tenant,
  upTo: to,
  marked: label.kind === 'event' ? label.type : null,
});

const alertsOf = ({ moves }: PlayedCustomer, from: EpochMs): readonly PlayedMove[] =>
  moves.filter((move) => raises(move) && move.at >= from);

class Count {
  private readonly rules: readonly RuleId[];
  private readonly label: Label;
  private readonly from: EpochMs;
  private readonly to: EpochMs;
  private readonly cutOffs: CutOffs;
  /** One for each rule, then for any rule, then for the first alert. */
  private readonly tallies: readonly AlertTally[];
  private readonly teams: TeamTally;
  private customers = 0;
  private customerMs = 0;
  private lapses = 0;

  constructor(pack: Pack, { label, from, to }: Pick<MeasureParts, 'label' | 'from' | 'to'>) {
    [this.label, this.from, this.to] = [label, from, to];
    this.rules = pack.rules.map(({ id }) => id);
    const lists = this.rules.length + 2;
    this.tallies = Array.from({ length: lists }, () => new AlertTally());
    this.cutOffs = new CutOffs(from, lists, label.horizonMs);
    this.teams = new TeamTally(pack, from, to);
  }

  add(played: PlayedCustomer): void {
    const { history } = played;
    const fate = new Fate(history, this.label, this.to);
    const lapses = fate.lapses(this.from);
    const raised = alertsOf(played, this.from);
    for (const { rule, at } of raised) this.teams.add(rule, at);
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
      teams: this.teams.loads(),
      anyRule: qualities[rules.length]!,
      firstAlert: qualities[rules.length + 1]!,
    };
  }
}
