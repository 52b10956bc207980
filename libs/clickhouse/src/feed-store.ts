import { z } from 'zod';
import type { EpochMs } from '#domain';
import { epochMs, tenantId } from '#domain';
import type { FeedHour, FeedRetirement, FeedStore } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const feedHours = query({
  name: 'feed-hours',
  about: 'When the busiest feeds were heard, hour by hour and minute by minute of arrival, and up to when.',
  sql: `SELECT tenant, source, intDiv(received_at, 3600000) * 3600000 AS hour, count() AS events,
  min(received_at) AS firstArrivedAt, max(received_at) AS lastArrivedAt,
  max(least(occurred_at, received_at)) AS heardUpTo,
  min(received_at - least(occurred_at, received_at)) AS leastLagMs,
  groupBitOr(bitShiftLeft(toUInt32(minute < 30), minute % 30)) AS firstHalf,
  groupBitOr(bitShiftLeft(toUInt32(minute >= 30), minute % 30)) AS secondHalf
FROM (
  SELECT tenant, source, occurred_at, received_at, toUInt8(intDiv(received_at % 3600000, 60000)) AS minute
  FROM $db.event_v1
  WHERE received_at > {since:Int64} AND (tenant, source) IN (
    SELECT tenant, source FROM $db.event_v1 WHERE received_at > {since:Int64}
    GROUP BY tenant, source ORDER BY count() DESC LIMIT {most:UInt32}
  )
)
GROUP BY tenant, source, hour
ORDER BY hour`,
  params: z.object({ since: z.number(), most: z.number() }),
  row: z.object({
    tenant: z.string(),
    source: z.string(),
    hour: z.number(),
    events: z.number(),
    firstArrivedAt: z.number(),
    lastArrivedAt: z.number(),
    heardUpTo: z.number(),
    leastLagMs: z.number(),
    firstHalf: z.number(),
    secondHalf: z.number(),
  }),
});

export const feedRetirements = query({
  name: 'feed-retirements',
  about: 'Feeds that an operator declared to be over, and when.',
  sql: 'SELECT tenant, source, max(at) AS retiredAt FROM $db.feed_retirement_v1 GROUP BY tenant, source',
  params: z.object({}),
  row: z.object({ tenant: z.string(), source: z.string(), retiredAt: z.number() }),
});

export class ClickHouseFeedStore implements FeedStore {
  constructor(private readonly store: Store) {}

  async hours(since: EpochMs, mostFeeds: number): Promise<readonly FeedHour[]> {
    const rows = await this.store.rows(feedHours, { since, most: mostFeeds });
    return rows.map(feedHourOf);
  }

  async retirements(): Promise<readonly FeedRetirement[]> {
    const rows = await this.store.rows(feedRetirements, {});
    return rows.map(({ tenant, source, retiredAt }) => ({
      tenant: tenantId(tenant),
      source,
      at: epochMs(retiredAt),
    }));
  }

  async retire({ tenant, source, at }: FeedRetirement): Promise<void> {
    await this.store.insert('feed_retirement_v1', ['tenant', 'source', 'at'], [[tenant, source, at]]);
  }
}

/** Of a feed, or of a part of one. */
export const feedHourOf = (row: z.output<(typeof feedHours)['row']>): FeedHour => ({
  tenant: tenantId(row.tenant),
  source: row.source,
  hour: epochMs(row.hour),
  events: row.events,
  firstArrivedAt: epochMs(row.firstArrivedAt),
  lastArrivedAt: epochMs(row.lastArrivedAt),
  heardUpTo: epochMs(row.heardUpTo),
  leastLagMs: row.leastLagMs,
  minutes: [row.firstHalf, row.secondHalf],
});
