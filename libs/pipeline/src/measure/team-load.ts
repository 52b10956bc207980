import type { EpochMs, Pack, RuleId } from '#domain';
import { DAY } from '#domain';

/** The alerts that one owner would have had to see to. */
export interface TeamLoad {
  readonly owner: string;
  readonly rules: readonly RuleId[];
  readonly alerts: number;
  /** Over all days (UTC) of the time, also those without any. */
  readonly perDay: number;
  /** On 95 of 100 days there are no more. */
  readonly onBusyDays: number;
  readonly most: number;
}

/** Alerts by whom the playbook of their rule sends to work. */
export class TeamTally {
  private readonly ownerOf: ReadonlyMap<RuleId, string>;
  private readonly perDay = new Map<string, Map<number, number>>();

  constructor(
    private readonly pack: Pack,
    private readonly from: EpochMs,
    private readonly to: EpochMs,
  ) {
    const owners = new Map(pack.playbooks.map(({ id, owner }) => [id, owner]));
    this.ownerOf = new Map(pack.rules.map(({ id, owner, playbook }) => [id, owners.get(playbook) ?? owner]));
    for (const owner of this.ownerOf.values()) this.perDay.set(owner, new Map());
  }

  add(rule: RuleId, at: EpochMs): void {
    const days = this.perDay.get(this.ownerOf.get(rule)!)!;
    const day = Math.floor(at / DAY);
    days.set(day, (days.get(day) ?? 0) + 1);
  }

  loads(): readonly TeamLoad[] {
    const days = Math.floor(this.to / DAY) - Math.floor(this.from / DAY) + 1;
    return [...this.perDay]
      .map(([owner, counts]): TeamLoad => {
        const falling = [...counts.values()].toSorted((a, b) => b - a);
        const alerts = falling.reduce((sum, count) => sum + count, 0);
        return {
          owner,
          rules: this.pack.rules.map(({ id }) => id).filter((id) => this.ownerOf.get(id) === owner),
          alerts,
          perDay: alerts / days,
          onBusyDays: falling[Math.floor(0.05 * days)] ?? 0,
          most: falling[0] ?? 0,
        };
      })
      .toSorted((a, b) => (a.owner < b.owner ? -1 : 1));
  }
}
