import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { AdmitAnswer, Problem } from '#contracts';
import type { ErrorCode } from '#domain';
import { ChurnError } from '#domain';

/** A refusal of a request: what its answer says. Only controllers and parsers of requests throw it. */
export class RequestProblem extends HttpException {
  constructor(
    status: number,
    readonly detail: string,
    readonly outcomes?: AdmitAnswer,
  ) {
    super(detail, status);
  }
}

export interface ProblemAnswer {
  readonly body: Problem;
  /** Seconds after which asking again makes sense. */
  readonly retryAfter: number | null;
  /** False: the fault is ours and belongs into the log. */
  readonly expected: boolean;
}

/** Whatever the reason: the sender can only try again. */
const unavailable: ReadonlySet<ErrorCode> = new Set(['LOG_UNAVAILABLE', 'STORE_UNAVAILABLE']);

/** What the client is told of an error; nothing of our insides unless the error was written to be read. */
export function problemOf(error: unknown, instance: string): ProblemAnswer {
  if (error instanceof ChurnError) return churnProblem(error, instance);
  if (error instanceof RequestProblem)
    return {
      body: { ...plain(error.getStatus(), error.detail, instance), ...error.outcomes },
      retryAfter: error.getStatus() === 429 ? 1 : null,
      expected: true,
    };
  const status = statusOf(error);
  const detail = status < 500 ? refusalText(status, error as Error) : 'Something went wrong here; the log says more.';
  return { body: plain(status, detail, instance), retryAfter: null, expected: status < 500 };
}

function churnProblem(error: ChurnError, instance: string): ProblemAnswer {
  const away = unavailable.has(error.code) || error.retryable;
  const status = away ? 503 : 500;
  return {
    body: {
      type: `/errors/${error.code}`,
      title: STATUS_CODES[status]!,
      status,
      detail: away ? `${error.message}. Send the same request again.` : error.message,
      instance,
      code: error.code,
    },
    retryAfter: away ? 5 : null,
    expected: false,
  };
}

const plain = (status: number, detail: string, instance: string): Problem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
  instance,
});

/** Fastify's own errors carry `statusCode`. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500;
}

function refusalText(status: number, error: Error): string {
  if (status === 413) return 'The body is larger than is taken: send fewer events at once.';
  if (status === 415) return 'The content type is not understood: send application/json or CloudEvents.';
  return error.message;
}
