import type { z } from 'zod';
import type {
  DeadLetterAnswer,
  DeadLettersAnswer,
  LetPassAnswer,
  ReplayManyAnswer,
  ReplayManyRequest,
  ReplayOutcome,
} from '#contracts';
import {
  deadLetterAnswer,
  deadLettersAnswer,
  letPassAnswer,
  problem,
  replayManyAnswer,
  replayOutcome,
} from '#contracts';
import { ChurnError, SECOND } from '#domain';

/** The gateway's no, in its words. */
export interface Refused {
  readonly no: string;
}

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

  private async ask<S extends z.ZodType>(
    schema: S,
    method: 'GET' | 'POST',
    path: string,
    body?: string,
  ): Promise<z.output<S> | Refused> {
    const address = new URL(`/v1/dead-letters${path}`, this.url).href;
    let status: number;
    let answer: unknown;
    try {
      const response = await fetch(address, {
        method,
        headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(60 * SECOND),
      });
      status = response.status;
      answer = await response.json().catch(() => null);
    } catch (cause) {
      throw new ChurnError('GATEWAY_UNAVAILABLE', `${this.url} does not answer`, { cause, retryable: true });
    }
    const read = status === 200 ? schema.safeParse(answer) : null;
    if (read?.success === true) return read.data;
    const no = problem.safeParse(answer);
    if (no.success && status < 500) return { no: wordsOf(no.data) };
    throw new ChurnError('GATEWAY_UNAVAILABLE', `${address} answers ${status} and not as a Churnwatch gateway does`);
  }
}

const wordsOf = ({ detail, items }: z.infer<typeof problem>): string => {
  const reasons = (items ?? []).flatMap((item) =>
    item.outcome === 'rejected' ? [`${item.reason}: ${item.detail}`] : [],
  );
  return [detail, ...reasons].join('\n  ');
};
