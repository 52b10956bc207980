import type { RoleName } from '../../apps/standalone/src/start-roles.js';
import type { Random } from '../../libs/simulator/src/random.js';

/** Who comes by a step. */
const roleOf: Readonly<Record<string, readonly RoleName[]>> = {
  journal: ['gateway', 'sentinel', 'courier'],
  'append-intake': ['gateway'],
  'take-over': ['tracker'],
  'last-plan': ['tracker'],
  plan: ['tracker'],
  fold: ['tracker'],
  bury: ['tracker'],
  'append-touched': ['tracker'],
  'append-dead-letter': ['tracker'],
  'take-share': ['sentinel'],
  'load-flags': ['sentinel'],
  evaluate: ['sentinel'],
  decide: ['sentinel'],
  'mark-published': ['sentinel'],
  'note-decided': ['sentinel'],
  'append-transitions': ['sentinel'],
  'append-current': ['sentinel'],
  'append-action': ['courier'],
  'record-attempt': ['courier'],
  commit: ['tracker', 'sentinel', 'courier'],
};
/** Passed only when somebody takes something up. */
const atBoot = new Set(['take-over', 'last-plan', 'take-share', 'load-flags']);

const stepOf = (point: string): string => point.split(':')[0]!;

/** Deals crash points so that each comes about as often as every other. */
export class Deck {
  private readonly used = new Map<string, number>();

  /** `only`: deals no others. */
  constructor(private readonly only: readonly string[] | null = null) {}

  deal(points: readonly string[], roles: readonly RoleName[], random: Random): string | null {
    const dealt = this.only === null ? points : points.filter((point) => this.only!.includes(point));
    const own = dealt.filter((point) => this.isPassedBy(roles, point));
    if (own.length === 0) return null;
    const uses = own.map((point) => this.used.get(this.key(roles, point)) ?? 0);
    const fewest = Math.min(...uses);
    const point = random.pick(own.filter((_, index) => uses[index]! < fewest + 1));
    this.add(roles, point, 1);
    return point;
  }

  /** Whether somebody with these roles can be dealt a point at all. */
  hasAnyFor(roles: readonly RoleName[]): boolean {
    return this.only === null || this.only.some((point) => this.isPassedBy(roles, point));
  }

  /** It was not passed: it counts for less, so that it is tried again, but not for ever. */
  missed(roles: readonly RoleName[], point: string): void {
    this.add(roles, point, -0.5);
  }

  isAtBoot(point: string): boolean {
    return atBoot.has(stepOf(point));
  }

  private isPassedBy(roles: readonly RoleName[], point: string): boolean {
    return (roleOf[stepOf(point)] ?? []).some((role) => roles.includes(role));
  }
  private key = (roles: readonly RoleName[], point: string): string => `${roles.join('+')} ${point}`;
  private add(roles: readonly RoleName[], point: string, by: number): void {
    const key = this.key(roles, point);
    this.used.set(key, (this.used.get(key) ?? 0) + by);
  }
}
