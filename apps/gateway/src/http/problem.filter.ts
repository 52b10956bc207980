import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './problem.js';

/** Answers every error as RFC 9457 problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('gateway');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    // Without the query: it may name customers, and logs and answers are kept longer than requests.
    const path = request.url.split('?', 1)[0]!;
    const { body, retryAfter, expected } = problemOf(error, path);
    if (!expected) this.#log.error(error);
    if (retryAfter !== null) void reply.header('retry-after', String(retryAfter));
    void reply.status(body.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(body));
  }
}
