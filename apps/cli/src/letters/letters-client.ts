import type { z } from 'zod';
import type {
  DeadLetterAnswer,
  DeadLettersAnswer,
  LetPassAnswer,
  ReplayManyAnswer,
  ReplayManyRequest,
  ReplayOutcome,
} from '#contracts';
import { deadLetterAnswer, deadLettersAnswer, letPassAnswer, replayManyAnswer, replayOutcome } from '#contracts';
import { askGateway } from '../ask-gateway.js';
import type { Refused } from '../ask-gateway.js';

/** The dead letters as the gateway's API has them. Throws ChurnError GATEWAY_UNAVAILABLE where no gateway answers. */
export class LettersClient {
  constructor(private readonly url: string) {}

  list(query: Readonly<Record<string, string>>): Promise<DeadLettersAnswer | Refused> {
    return this.ask(deadLettersAnswer, 'GET', `?${new URLSearchParams(query).toString()}`);
  }

  show(id: string): Promise<DeadLetterAnswer | Refused> {
    return this.ask(deadLetterAnswer, 'GET', `/${encodeURIComponent(id)}`);
  }

  replay(id: string, event: string, dryRun: boolean): Promise<ReplayOutcome | Refused> {
    return this.ask(replayOutcome, 'POST', `/${encodeURIComponent(id)}/replay?dryRun=${String(dryRun)}`, event);
  }

  replayMany(request: ReplayManyRequest): Promise<ReplayManyAnswer | Refused> {
    return this.ask(replayManyAnswer, 'POST', '/replay', JSON.stringify(request));
  }

  letPass(topic: string, partition: number, upToOffset: number): Promise<LetPassAnswer | Refused> {
    return this.ask(letPassAnswer, 'POST', '/let-pass', JSON.stringify({ topic, partition, upToOffset }));
  }

  private ask<S extends z.ZodType>(
    schema: S,
    method: 'GET' | 'POST',
    path: string,
    body?: string,
  ): Promise<z.output<S> | Refused> {
    const request = { method, path: `/v1/dead-letters${path}`, ...(body === undefined ? {} : { body }) };
    return askGateway(this.url, schema, request);
  }
}
