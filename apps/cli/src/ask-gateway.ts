import type { z } from 'zod';
import { problem } from '#contracts';
import { ChurnError, SECOND } from '#domain';

/** The gateway's no, in its words. */
export interface Refused {
  readonly no: string;
}

export const isRefused = (answer: object): answer is Refused => 'no' in answer;

export interface Request {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  /** JSON. */
  readonly body?: string;
}

/** Throws ChurnError GATEWAY_UNAVAILABLE where no gateway answers, or not as one does. */
export async function askGateway<S extends z.ZodType>(
  url: string,
  schema: S,
  { method = 'GET', path, body }: Request,
): Promise<z.output<S> | Refused> {
  const address = new URL(path, url).href;
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
    throw new ChurnError('GATEWAY_UNAVAILABLE', `${url} does not answer`, { cause, retryable: true });
  }
  const read = status === 200 ? schema.safeParse(answer) : null;
  if (read?.success === true) return read.data;
  const no = problem.safeParse(answer);
  if (no.success && status < 500) return { no: wordsOf(no.data) };
  throw new ChurnError('GATEWAY_UNAVAILABLE', `${address} answers ${status} and not as a Churnwatch gateway does`);
}

const wordsOf = ({ detail, items }: z.infer<typeof problem>): string => {
  const reasons = (items ?? []).flatMap((item) =>
    item.outcome === 'rejected' ? [`${item.reason}: ${item.detail}`] : [],
  );
  return [detail, ...reasons].join('\n  ');
};
