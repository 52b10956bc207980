import { epochMs } from '#domain';
import type { EventFeed } from '#simulator';
import { openHouseholds, simulate, simulateTrade, tradeNames } from '#simulator';

/** A made-up base for every shipped pack, by its name, and real households, who are a merchant's. */
export const feedNames = ['app', ...tradeNames, 'households'] as const;
export type FeedName = (typeof feedNames)[number];

export interface FeedChoice {
  readonly base: FeedName;
  readonly seed: number;
  readonly customers: number;
  readonly days: number;
}

// Any UTC midnight does: playing a feed moves its times.
const firstDay = epochMs(Date.UTC(2024, 0, 1));

export function openFeed({ base, seed, customers, days }: FeedChoice): EventFeed {
  switch (base) {
    case 'app':
      return simulate({ seed, customers, days, startAt: firstDay });
    case 'households':
      return openHouseholds();
    default:
      return simulateTrade({ trade: base, seed, customers, days, startAt: firstDay });
  }
}
