import { z } from 'zod';
import { incidentKinds, incidentStates, isoOf } from '#domain';
import type { Incident } from '#domain';
import { envelopeShape, schemaUrn } from './envelope-shape.js';
import { count, instant, isoOrNull } from './fields.js';

const share = z.number().min(0).max(1);

export const incidentBody = z.object({
  id: z.string(),
  revision: count.meta({ description: 'Counts the changes of this incident; the greatest is the newest' }),
  state: z.enum(incidentStates),
  kinds: z.array(z.enum(incidentKinds)).min(1).meta({
    description:
      'At what the customers fail, what it was found by first; or `silent`: nothing is heard of them any more',
  }),
  extent: z
    .object({ appVersion: z.string(), platform: z.string(), channel: z.string() })
    .meta({ description: 'Of whom; an empty text is any, and all three empty are everybody' }),
  beganAt: instant.meta({ description: 'To five minutes' }),
  detectedAt: instant,
  endedAt: instant.nullable().meta({ description: 'Since when all has been as usual again; null while it is open' }),
  endDetectedAt: instant.nullable(),
  failing: count.meta({
    description:
      'Customers who failed in the quarter of an hour by which it was found; of a silence, who was not heard any more',
  }),
  active: count.meta({
    description: 'Customers who were there in it; of a silence, who had been heard in the day before',
  }),
  rate: share,
  norm: share.meta({ description: 'The rate that is usual at this weekday and hour' }),
  affected: count.meta({
    description: 'Customers who have failed since it began; of a silence, who were last heard there before',
  }),
  valueAtRisk: z.number().meta({ description: 'What they spent in the 90 days before' }),
  cameBack: count.nullable().meta({
    description: 'How many of them did something of their own accord after its end, when it was closed; null before',
  }),
});

export const incidentTypes = [
  'dev.churnwatch.incident.opened',
  'dev.churnwatch.incident.updated',
  'dev.churnwatch.incident.closed',
] as const;

/** On `churnwatch.incident.v1`. */
export const incidentEnvelopeSchema = envelopeShape(z.enum(incidentTypes), incidentBody, schemaUrn('incident'));
export type IncidentEnvelope = z.infer<typeof incidentEnvelopeSchema>;

/** `GET /v1/incidents`, those that began last first. */
export const incidentsAnswer = z.object({ items: z.array(incidentBody) });
export type IncidentsAnswer = z.infer<typeof incidentsAnswer>;

/** `GET /v1/incidents/{id}` */
export const incidentAnswer = z.object({
  incident: incidentBody,
  now: z
    .object({ affected: count, valueAtRisk: z.number(), cameBack: count, stayAway: count })
    .meta({ description: 'Counted anew; while it is open nobody has come back yet' }),
  customers: z
    .array(
      z.object({
        customer: z.string(),
        lastFailedAt: instant,
        spent: z.number().meta({ description: 'In the 90 days before' }),
        seenSince: instant
          .nullable()
          .meta({ description: 'When they were last there of their own accord since it ended; null: not yet' }),
      }),
    )
    .meta({ description: 'The affected, those who spent most first; a hundred at most' }),
});
export type IncidentAnswer = z.infer<typeof incidentAnswer>;

export const incidentBodyOf = (incident: Incident): z.infer<typeof incidentBody> => ({
  id: incident.id,
  revision: incident.revision,
  state: incident.state,
  kinds: [...incident.kinds],
  extent: { ...incident.extent },
  beganAt: isoOf(incident.beganAt),
  detectedAt: isoOf(incident.detectedAt),
  endedAt: isoOrNull(incident.endedAt),
  endDetectedAt: isoOrNull(incident.endDetectedAt),
  failing: incident.failing,
  active: incident.active,
  rate: incident.failing / incident.active,
  norm: incident.norm,
  affected: incident.affected,
  valueAtRisk: incident.valueAtRisk,
  cameBack: incident.cameBack,
});

/** Publishing a change again gives the same envelope to the byte. */
export function incidentEnvelope(incident: Incident): IncidentEnvelope {
  const { id, revision, tenant, state } = incident;
  return {
    specversion: '1.0',
    id: `${id}/${revision}`,
    source: 'urn:churnwatch:sentinel',
    type: incidentTypes[state === 'closed' ? 2 : revision === 1 ? 0 : 1],
    time: isoOf(incident.endDetectedAt ?? incident.detectedAt),
    tenant,
    partitionkey: id,
    datacontenttype: 'application/json',
    dataschema: incidentEnvelopeSchema.shape.dataschema.value,
    data: incidentBodyOf(incident),
  };
}
