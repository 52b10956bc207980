import { z } from 'zod';
import {
  actionEnvelopeSchema,
  deadLetterEnvelopeSchema,
  riskCurrentEnvelopeSchema,
  transitionEnvelopeSchema,
} from './envelopes.js';
import { incidentEnvelopeSchema } from './incidents.js';
import { eventSchema } from './intake-schema.js';
import { stageEnvelopeSchema } from './stages.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Readers must ignore members they do not know: that is how a version may grow. So nothing is closed here. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
  return body;
}

/** What travels on the topics, by the name of its file under docs/schemas. */
export const wireSchemas = {
  event: eventSchema,
  'risk-transition': transitionEnvelopeSchema.meta({
    title: 'RiskTransition',
    description: 'One move of one flag, with the alert when somebody must be told',
  }),
  'risk-current': riskCurrentEnvelopeSchema.meta({
    title: 'RiskCurrent',
    description: 'The flags raised on one customer; a tombstone follows when none is left',
  }),
  'customer-stage': stageEnvelopeSchema.meta({
    title: 'CustomerStage',
    description: 'One move of one customer from one lifecycle stage to another',
  }),
  action: actionEnvelopeSchema.meta({ title: 'Action', description: 'What to do for one customer, and until when' }),
  incident: incidentEnvelopeSchema.meta({
    title: 'Incident',
    description:
      'Very many customers fail at the same, or do so no more: at what, who, how many and how much is at risk',
  }),
  'dead-letter': deadLetterEnvelopeSchema.meta({
    title: 'DeadLetter',
    description: 'A record that could not be taken, why, and its bytes',
  }),
} as const satisfies Record<string, z.ZodType>;
export type WireSchemaName = keyof typeof wireSchemas;

/** The file of docs/schemas: the schema with its address, which `dataschema` names. */
export const schemaFile = (name: WireSchemaName): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:churnwatch:schema:${name}:v1`,
  ...jsonSchemaOf(wireSchemas[name]),
});
