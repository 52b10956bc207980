import { z } from 'zod';
import { count, instant } from './fields.js';

const seconds = z.number().min(0);

/** `GET /v1/feeds`, the busiest first. */
export const feedsAnswer = z.object({
  asOf: instant,
  heldAt: instant.nullable().meta({
    description: 'No absence is decided beyond what every vouching feed has been heard up to; null when none vouches',
  }),
  vouchesFromPerHour: count,
  items: z.array(
    z.object({
      source: z.string(),
      eventsPerHour: z.number().min(0).meta({ description: 'Over the last 7 days, or since it was first heard' }),
      heardUpTo: instant.meta({ description: 'Greatest time of an event, never beyond its arrival' }),
      lastArrivedAt: instant,
      usualLagSeconds: seconds.meta({ description: 'From the youngest event of an hour to its arrival, usually' }),
      longestGapSeconds: seconds.meta({ description: 'Longest time without an arrival in 7 days' }),
      vouches: z.boolean().meta({ description: 'Whether its silence holds absence alerts back' }),
      silentSince: instant
        .nullable()
        .meta({ description: 'Set while its silence is notable; null while all is as usual' }),
      holding: z.boolean().meta({ description: 'Whether no other vouching feed has been heard less far' }),
    }),
  ),
});
export type FeedsAnswer = z.infer<typeof feedsAnswer>;
