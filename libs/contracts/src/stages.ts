import { z } from 'zod';
import { isoOf, restoresStage, stages } from '#domain';
import type { StageMove } from '#domain';
import { envelopeShape, schemaUrn } from './envelope-shape.js';
import { about } from './envelopes.js';
import { count, instant, isoOrNull } from './fields.js';

export const stageMoveBody = z.object({
  id: z.string(),
  sequence: count.meta({
    description: 'Counts this customer’s moves; what is not greater than one already seen is old',
  }),
  customer: z.string(),
  definition: z.string().meta({ description: 'Version of the pack’s churn definition' }),
  from: z.enum(stages).nullable().meta({ description: 'Null when nothing had been said of the customer before' }),
  to: z.enum(stages),
  becameDueAt: instant.meta({ description: 'The instant from which on the customer is in this stage' }),
  detectedAt: instant.meta({ description: 'When Churnwatch noticed' }),
  amends: instant.nullable().meta({
    description:
      'Set when an event came late: whatever was said of this customer’s stages from that instant on is replaced by this and what follows',
  }),
});
export type StageMoveBody = z.infer<typeof stageMoveBody>;

/** What a move from stage to stage is called on the wire, and one that only takes others back. */
export const stageTypes = ['dev.churnwatch.customer.stage.entered', 'dev.churnwatch.customer.stage.corrected'] as const;

/** On `churnwatch.customer.stage.v1`. */
export const stageEnvelopeSchema = envelopeShape(z.enum(stageTypes), stageMoveBody, schemaUrn('customer-stage'));
export type StageEnvelope = z.infer<typeof stageEnvelopeSchema>;

/** Publishing a move again gives the same envelope to the byte. */
export function stageEnvelope(move: StageMove): StageEnvelope {
  return {
    specversion: '1.0',
    id: move.id,
    source: 'urn:churnwatch:sentinel',
    type: stageTypes[restoresStage(move) ? 1 : 0],
    time: isoOf(move.detectedAt),
    ...about(move.tenant, move.customer),
    datacontenttype: 'application/json',
    dataschema: stageEnvelopeSchema.shape.dataschema.value,
    data: {
      id: move.id,
      sequence: move.sequence,
      customer: move.customer,
      definition: move.definition,
      from: move.from,
      to: move.to,
      becameDueAt: isoOf(move.becameDueAt),
      detectedAt: isoOf(move.detectedAt),
      amends: isoOrNull(move.amends),
    },
  };
}
