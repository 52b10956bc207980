import type { CustomerId, EpochMs, Extent, TenantId } from '#domain';
import { customerId, epochMs, tenantId } from '#domain';
import type { CellHour, CellStore, CellWord, FeedCell, Return } from '#pipeline';
import { byTenant } from './by-tenant.js';
import { feedHourOf } from './feed-store.js';
import { cellHours, cellWords, cohortReturn, lastCells } from './queries/cells.js';
import type { Store } from './store.js';

export class ClickHouseCellStore implements CellStore {
  constructor(private readonly store: Store) {}

  async hours(since: EpochMs, leastEvents: number): Promise<readonly CellHour[]> {
    const rows = await this.store.rows(cellHours, { since, least: Math.ceil(leastEvents) });
    return rows.map((row) => ({ ...row, ...feedHourOf(row) }));
  }

  async words(since: EpochMs): Promise<readonly CellWord[]> {
    const rows = await this.store.rows(cellWords, { since });
    return rows.map((row) => ({
      ...row,
      tenant: tenantId(row.tenant),
      lastArrivedAt: epochMs(row.lastArrivedAt),
      heardUpTo: epochMs(row.heardUpTo),
      lateAt: epochMs(row.lateAt),
    }));
  }

  async lastCells(
    customers: readonly { readonly tenant: TenantId; readonly customer: CustomerId }[],
  ): Promise<readonly (FeedCell & { readonly customer: CustomerId })[]> {
    const found: (FeedCell & { readonly customer: CustomerId })[] = [];
    for (const [tenant, piece] of byTenant(customers)) {
      const names = piece.map(({ customer }) => customer);
      const rows = await this.store.rows(lastCells, { tenant, customers: names });
      for (const row of rows) found.push({ ...row, tenant, customer: customerId(row.customer) });
    }
    return found;
  }

  async returned(tenant: TenantId, extent: Extent, at: EpochMs, until: EpochMs): Promise<Return> {
    const { appVersion, platform, channel } = extent;
    const asked = { tenant, appVersion, platform, channel, at, until };
    const [row] = await this.store.rows(cohortReturn, asked);
    return row ?? { cohort: 0, heard: 0 };
  }
}
