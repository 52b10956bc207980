import { topics } from '#contracts';
import type { Alert } from '#domain';
import { partitionOf } from '#kafka';
import type { Assignment, EventLog } from '#pipeline';

/**
 * Which alerts this process answers for: those of the customers whose transitions it is handed. Couriers side by side
 * sweep one outbox; without a share each would deliver what another has under way.
 */
export class AlertShare {
  #count = 0;
  #changes = 0;
  #mine: ReadonlySet<number> = new Set();

  constructor(
    private readonly log: EventLog,
    private readonly assignment: Assignment,
  ) {}

  /** Looks at the assignment again; answers how often the share has changed. */
  async refresh(): Promise<number> {
    if (this.#count === 0) this.#count = await this.log.partitionCount(topics.riskTransitions.name);
    const before = this.#mine;
    this.#mine = new Set(this.assignment.assigned(topics.riskTransitions.name));
    const isOther = before.size !== this.#mine.size || [...before].some((partition) => !this.#mine.has(partition));
    if (isOther) this.#changes++;
    return this.#changes;
  }

  owns(alert: Alert): boolean {
    return this.#count > 0 && this.#mine.has(partitionOf(alert.customer, this.#count));
  }
}
