import type { Alert, AlertId, EpochMs } from '#domain';
import { customerKey, epochMs, HOUR, SECOND } from '#domain';
import type { CellState, Cells } from '../incidents/cells.js';
import { cellKey, hasMoved } from '../incidents/cells.js';
import { groupBy } from '../group-by.js';
import type { CellStore } from '../ports/cell-store.js';

/** How old what is known of the cells may be. */
const freshMs = SECOND;
/** By then those who have only gone elsewhere, as to a new version, have been heard there. */
const moveShowsMs = HOUR;

/**
 * Whether those who would tell of a customer have been heard of since the customer is missed. An alert of absence is only
 * believed once they have: a version that fell silent may have its customers well.
 */
export class Earshot {
  private refreshedAt = epochMs(0);

  constructor(
    private readonly cells: Cells,
    private readonly store: CellStore,
    /** Whether the customer's staying away can have raised it. */
    private readonly isOfAbsence: (alert: Alert) => boolean,
  ) {}

  /** Those of the alerts whose customers may have been there without our hearing of it. */
  async unheard(alerts: readonly Alert[], now: EpochMs): Promise<ReadonlySet<AlertId>> {
    const absent = alerts.filter((alert) => alert.kind === 'alert' && this.isOfAbsence(alert));
    if (absent.length === 0) return new Set();
    if (now - this.refreshedAt >= freshMs) {
      await this.cells.refresh(now);
      this.refreshedAt = now;
    }
    const vouching = this.cells.vouching(now);
    const behind = (alert: Alert): readonly CellState[] =>
      vouching.filter(({ tenant, heardUpTo }) => tenant === alert.tenant && heardUpTo <= alert.becameDueAt);
    const doubtful = absent.filter((alert) => behind(alert).length > 0);
    if (doubtful.length === 0) return new Set();
    const last = groupBy(await this.store.lastCells(doubtful), ({ tenant, customer }) => customerKey(tenant, customer));
    const unheard = new Set<AlertId>();
    for (const alert of doubtful) {
      const own = new Set((last.get(customerKey(alert.tenant, alert.customer)) ?? []).map(cellKey));
      for (const cell of behind(alert).filter((each) => own.has(cellKey(each))))
        if (!(await this.isLeft(cell, now))) unheard.add(alert.id);
    }
    return unheard;
  }

  private async isLeft(cell: CellState, now: EpochMs): Promise<boolean> {
    if (!cell.isNotable || now - cell.lastArrivedAt < moveShowsMs) return false;
    return hasMoved(await this.cells.fateOf(cell.tenant, cell, cell.heardUpTo, now));
  }
}
