import type { IncomingHttpHeaders } from 'node:http';
import { RequestProblem } from './problem.js';

/** As much of Fastify's request as is read; the body is a buffer by `configureGateway`. */
export interface RawRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body?: Buffer;
}

export function bodyOf({ headers, body }: RawRequest): Buffer {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new RequestProblem(415, `Bodies in ${encoding} are not taken: send them as they are.`);
  return body ?? Buffer.alloc(0);
}
