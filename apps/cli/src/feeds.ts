import { epochMs } from '#domain';
import type { EventFeed } from '#simulator';
import { openHouseholds, simulate } from '#simulator';

export const feedNames = ['app', 'households'] as const;
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
  }
}
