import { z } from 'zod';
import { instant } from './fields.js';

/** A CloudEvent of ours in structured mode. */
export function envelopeShape<T extends z.ZodType<string>, D extends z.ZodType>(type: T, data: D, schema: string) {
  return z.object({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    source: z.string().min(1),
    type,
    time: instant,
    subject: z.string().optional().meta({ description: 'The customer' }),
    tenant: z.string().optional(),
    partitionkey: z.string().optional().meta({ description: 'The record’s key' }),
    datacontenttype: z.literal('application/json'),
    dataschema: z.literal(schema),
    data,
  });
}

/** What `dataschema` names. */
export const schemaUrn = (name: string): string => `urn:churnwatch:schema:${name}:v1`;
