import { z } from 'zod';
import { eventTypes } from '#domain';
import { defaultAdmissionLimits as limits } from './limits.js';

const name = z.string().min(1).max(limits.maxIdLength);
const text = z.string().max(limits.maxIdLength).nullable();

/** What a producer writes. `readEvent` judges with reasons; this says the same to other programs. */
export const eventSchema = z
  .looseObject({
    specversion: z.literal('1.0').optional(),
    id: name.meta({ description: 'Unique within `source`; repeat it when you send the event again' }),
    source: name.optional().meta({ description: 'The producer; "unknown" when left out' }),
    type: z.enum(eventTypes).meta({
      description: 'What happened. Segment’s and GA4’s names ("Order Completed", first_open) are understood too',
    }),
    subject: name.meta({ description: 'The customer, as all sources name them' }),
    time: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'When it happened; the time of receipt when left out' }),
    datacontenttype: z.literal('application/json').optional(),
    data: z
      .looseObject({
        amount: z
          .number()
          .nullable()
          .optional()
          .meta({ description: 'Money in your currency; minutes, score or stars where the type counts those' }),
        platform: text.optional().meta({ description: 'ios, android, web, store' }),
        channel: text.optional().meta({ description: 'App store or sales channel' }),
        appVersion: text.optional(),
        attributes: z
          .record(z.string(), z.unknown())
          .nullable()
          .optional()
          .meta({
            description: `Anything else; fields beside the known ones count as attributes. At most ${limits.maxAttributesBytes} bytes, ${limits.maxDepth} levels`,
          }),
      })
      .optional(),
  })
  .meta({ title: 'Event', description: 'One thing that happened to one customer: CloudEvents 1.0' });
