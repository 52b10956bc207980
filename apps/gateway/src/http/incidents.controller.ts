import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import type { IncidentAnswer, IncidentsAnswer } from '#contracts';
import { incidentBodyOf } from '#contracts';
import { incidentId, incidentStates, isoOf } from '#domain';
import type { IncidentStore } from '#pipeline';
import { INCIDENT_STORE } from '#pipeline';
import { RequestProblem } from './problem.js';
import { checked } from './query.js';
import { tenantOf } from './tenant.js';

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  state: z.enum(incidentStates).optional(),
});
const mostCustomers = 100;

/** What very many customers failed at, whom it hit, and who came back. */
@Controller('v1/incidents')
export class IncidentsController {
  constructor(@Inject(INCIDENT_STORE) private readonly incidents: IncidentStore) {}

  @Get()
  async list(@Query() query: unknown): Promise<IncidentsAnswer> {
    const { limit, state } = checked(listQuery, query);
    const found = await this.incidents.list(tenantOf(), { limit, ...(state === undefined ? {} : { state }) });
    return { items: found.map(incidentBodyOf) };
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<IncidentAnswer> {
    const incident = await this.incidents.find(tenantOf(), incidentId(id));
    if (incident === null) throw new RequestProblem(404, 'There is no incident of this id.');
    const [blast, customers] = await Promise.all([
      this.incidents.blast(incident, incident.endedAt),
      this.incidents.affected(incident, mostCustomers),
    ]);
    const { affected, valueAtRisk, cameBack } = blast;
    return {
      incident: incidentBodyOf(incident),
      now: { affected, valueAtRisk, cameBack, stayAway: incident.state === 'open' ? 0 : affected - cameBack },
      customers: customers.map(({ customer, lastFailedAt, spent, seenSince }) => ({
        customer,
        lastFailedAt: isoOf(lastFailedAt),
        spent,
        seenSince: seenSince === null ? null : isoOf(seenSince),
      })),
    };
  }
}
