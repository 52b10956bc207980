import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, Logger } from '@nestjs/common';
import { problemOf } from './problem.js';

/** As much of Fastify's reply as is used. */
interface Reply {
  header(name: string, value: string): Reply;
  status(code: number): Reply;
  send(body: string): unknown;
}

/** Answers every error as RFC 9457 problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('gateway');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<{ readonly url: string }>();
    const reply = host.switchToHttp().getResponse<Reply>();
    // Without the query: it may name customers, and logs and answers are kept longer than requests.
    const path = request.url.split('?', 1)[0]!;
    const { body, retryAfter, expected } = problemOf(error, path);
    if (!expected) this.#log.error(error);
    if (retryAfter !== null) reply.header('retry-after', String(retryAfter));
    reply
      .status(body.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(body));
  }
}
