import { z } from 'zod';
import type { Attempt, EpochMs } from '#domain';
import { epochMs } from '#domain';
import type { DeliveryLog, OpenDelivery } from '#pipeline';
import { alertOf } from './flag-store.js';
import { query } from './query.js';
import type { Store } from './store.js';

export const openDeliveries = query({
  name: 'open-deliveries',
  about: 'Alerts that some channel has neither delivered nor given up.',
  sql: `WITH owed AS (
  SELECT alert_id, alert, detected_at, arrayJoin({channels:Array(String)}) AS channel
  FROM $db.transition_v1 FINAL
  WHERE alert_id != '' AND detected_at > {since:Int64}
),
tried AS (
  SELECT alert_id, channel, count() AS attempts, countIf(state != 'retrying') AS ended, argMax(tuple(retry_at), number).1 AS retryAt
  FROM $db.attempt_v1 FINAL
  GROUP BY alert_id, channel
)
SELECT owed.alert AS alert, owed.channel AS channel, tried.attempts AS attempts, tried.retryAt AS retryAt
FROM owed LEFT JOIN tried ON owed.alert_id = tried.alert_id AND owed.channel = tried.channel
WHERE tried.ended = 0
ORDER BY owed.detected_at, owed.alert_id`,
  params: z.object({ channels: z.array(z.string()), since: z.number() }),
  row: z.object({ alert: z.string(), channel: z.string(), attempts: z.number(), retryAt: z.number().nullable() }),
});

export class ClickHouseDeliveryLog implements DeliveryLog {
  constructor(private readonly store: Store) {}

  async record(attempts: readonly Attempt[]): Promise<void> {
    await this.store.insert(
      'attempt_v1',
      ['tenant', 'alert_id', 'channel', 'number', 'state', 'reason', 'detail', 'at', 'retry_at'],
      attempts.map((attempt) => [
        attempt.tenant,
        attempt.alert,
        attempt.channel,
        attempt.number,
        attempt.state,
        attempt.reason ?? '',
        attempt.detail,
        attempt.at,
        attempt.retryAt,
      ]),
    );
  }

  async open(channels: readonly string[], since: EpochMs): Promise<readonly OpenDelivery[]> {
    if (channels.length === 0) return [];
    const rows = await this.store.rows(openDeliveries, { channels: [...channels], since });
    return rows.map((row) => ({
      alert: alertOf(row.alert),
      channel: row.channel,
      attempts: row.attempts,
      retryAt: row.retryAt === null ? null : epochMs(row.retryAt),
    }));
  }
}
