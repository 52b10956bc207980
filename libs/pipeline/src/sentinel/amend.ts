import type { CustomerId, EpochMs, Rule, TenantId, Transition } from '#domain';
import { epochMs, takesBack } from '#domain';
import type { HeldFlag } from './evaluate.js';
import type { Decision } from '../ports/flag-store.js';
import type { LateNews } from './route.js';
import { alertIdOf, buildRetraction, transitionIdOf } from './route.js';

/** The moves of one flag that still hold, oldest first, out of everything stored about it in the order of `sequence`. */
export function standingMoves(stored: readonly Decision[]): readonly Transition[] {
  const moves: Transition[] = [];
  for (const { transition: move } of stored) {
    while (move.amends !== null && moves.length > 0 && moves.at(-1)!.becameDueAt >= move.amends) moves.pop();
    if (!takesBack(move)) moves.push(move);
  }
  return moves;
}

export interface Amending {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly rule: Rule;
  /** How the flag stands now. */
  readonly held: HeldFlag;
  /** Everything stored about the flag, in the order of `sequence`. */
  readonly stored: readonly Decision[];
  /** From here on the flag was decided anew, and came to `anew`. */
  readonly since: EpochMs;
  readonly anew: readonly Decision[];
  readonly news: LateNews;
  readonly detectedAt: EpochMs;
}

/**
 * What is to be added so that a flag's stored moves come to what should have been. What both have in common from the
 * beginning stays; told episodes that should not have been are retracted; then follows what should have been instead.
 */
export function amendment(amending: Amending): readonly Decision[] {
  const { stored, since, anew } = amending;
  const standing = standingMoves(stored);
  const before = standing.filter((move) => move.becameDueAt < since);
  const was = standing.filter((move) => move.becameDueAt >= since);
  let same = 0;
  while (same < was.length && isSame(was[same]!, anew[same]?.transition)) same++;
  const undone = was.slice(same);
  const instead = anew.slice(same);
  if (undone.length === 0 && instead.length === 0) return [];

  const from = Math.min(...[undone[0], instead[0]?.transition].flatMap((move) => (move ? [move.becameDueAt] : [])));
  const base = was[same - 1] ?? before.at(-1) ?? null;
  const rows = new Rows(amending, epochMs(from), base);
  const raisedThen = episodesOf(undone);
  const raisedNow = episodesOf(instead.map(({ transition }) => transition));
  const kept = sameEpisodes(raisedThen, raisedNow);
  for (const { raise } of raisedThen) {
    if (![...kept.values()].includes(raise.episode)) rows.retract(raise);
  }
  rows.follow(instead, kept);
  if (instead.length === 0) rows.restore();
  return rows.decisions;
}

const isSame = (was: Transition, now: Transition | undefined): boolean =>
  was.to === now?.to && was.becameDueAt === now.becameDueAt;

interface Episode {
  readonly raise: Transition;
  readonly until: number;
}

const raises = (move: Transition): boolean => move.to === 'firing' && move.from !== 'recovering';

function episodesOf(moves: readonly Transition[]): readonly Episode[] {
  return moves.flatMap((raise, index) => {
    if (!raises(raise)) return [];
    const end = moves.slice(index + 1).find((move) => move.to === 'clear');
    return [{ raise, until: end?.becameDueAt ?? Infinity }];
  });
}

/**
 * Which episode that should have been is one that was told: they began at the same instant, or overlap. In order, each
 * with one at most. Answers with the number of the told one by the instant at which the other begins.
 */
function sameEpisodes(then: readonly Episode[], now: readonly Episode[]): ReadonlyMap<EpochMs, number> {
  const kept = new Map<EpochMs, number>();
  for (let i = 0, j = 0; i < then.length && j < now.length;) {
    const [was, is] = [then[i]!, now[j]!];
    if (was.raise.becameDueAt < is.until && is.raise.becameDueAt < was.until) {
      kept.set(is.raise.becameDueAt, was.raise.episode);
      i++;
      j++;
    } else if (was.until <= is.until) i++;
    else j++;
  }
  return kept;
}

/** The rows of one amendment, each with the number after the last. */
class Rows {
  readonly decisions: Decision[] = [];
  private spent: number;

  constructor(
    private readonly amending: Amending,
    private readonly from: EpochMs,
    /** The last move that stays. */
    private readonly base: Transition | null,
  ) {
    this.spent = amending.held.spent;
  }

  /** Takes an episode back, and its alert if there was one. */
  retract(raise: Transition): void {
    const { stored, news, detectedAt } = this.amending;
    const { evidence, episode, becameDueAt } = raise;
    const told = stored.find(
      ({ transition, alert }) => transition.episode === episode && alert?.kind === 'alert',
    )?.alert;
    this.add(
      { evidence, episode, becameDueAt, to: 'retracted', clearedAt: this.base?.clearedAt ?? null, amends: this.from },
      told ? buildRetraction(told, news, detectedAt) : null,
    );
  }

  /** What should have been. `kept`: by the instant at which they begin, episodes that were told before, and as which. */
  follow(instead: readonly Decision[], kept: ReadonlyMap<EpochMs, number>): void {
    let episode = this.base?.episode ?? 0;
    for (const [index, { transition: move, alert }] of instead.entries()) {
      const next = instead[index + 1]?.transition;
      if (move.to === 'pending') episode = (next && kept.get(next.becameDueAt)) ?? this.spent + 1;
      if (move.to === 'clear' && move.from === 'pending') episode = this.spent;
      const told = kept.get(move.becameDueAt);
      if (raises(move)) episode = told ?? (move.from === 'pending' && episode > this.spent ? episode : this.spent + 1);
      if (raises(move)) this.spent = Math.max(this.spent, episode);
      const { tenant, customer, rule, evidence, becameDueAt, from, to, clearedAt } = move;
      this.add(
        { evidence, episode, becameDueAt, from, to, clearedAt, amends: index === 0 ? this.from : null },
        alert === null || told !== undefined
          ? null
          : { ...alert, episode, id: alertIdOf(tenant, customer, rule, episode) },
      );
    }
  }

  /** Nothing follows: the flag is where it was before. A retracted one is clear already. */
  restore(): void {
    const { base } = this;
    const wasClear = base === null || base.to === 'clear';
    if (wasClear && this.decisions.length > 0) return;
    this.add(
      {
        evidence: base?.evidence ?? {},
        episode: base?.episode ?? this.spent,
        becameDueAt: epochMs(Math.min(base?.becameDueAt ?? this.from - 1, this.from - 1)),
        to: base?.to ?? 'clear',
        clearedAt: base?.clearedAt ?? null,
        amends: this.from,
      },
      null,
    );
  }

  private add(
    move: Pick<Transition, 'evidence' | 'episode' | 'becameDueAt' | 'to' | 'clearedAt' | 'amends'> & {
      readonly from?: Transition['from'];
    },
    alert: Decision['alert'],
  ): void {
    const { tenant, customer, rule, held, detectedAt } = this.amending;
    const sequence = held.sequence + this.decisions.length + 1;
    const transition: Transition = {
      id: transitionIdOf(tenant, customer, rule.id, sequence),
      sequence,
      tenant,
      customer,
      rule: rule.id,
      ruleVersion: rule.version,
      from: this.decisions.at(-1)?.transition.to ?? held.state,
      detectedAt,
      severity: rule.severity,
      reason: rule.reason,
      ...move,
    };
    this.decisions.push({ transition, alert });
  }
}
