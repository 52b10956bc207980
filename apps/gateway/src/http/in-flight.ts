import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestProblem } from './problem.js';

/** As much of Fastify as is used. */
interface Hooks {
  addHook(
    name: 'onRequest',
    hook: (request: { readonly raw: IncomingMessage }, reply: { readonly raw: ServerResponse }) => Promise<void>,
  ): unknown;
  addHook(name: 'onSend', hook: (request: { readonly raw: IncomingMessage }) => Promise<void>): unknown;
}

/**
 * Bodies of requests not yet answered, in bytes and up to a cap: what comes beyond it is told to come again later, before
 * any of it is read. A slow log makes answers slow; without a cap the senders' haste would fill the memory.
 */
export class InFlight {
  readonly #held = new WeakMap<IncomingMessage, number>();
  #bytes = 0;

  constructor(
    private readonly mostBytes: number,
    /** What a body is taken for that does not say how long it is. */
    private readonly maxBodyBytes: number,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  guard(server: Hooks): void {
    server.addHook('onRequest', async ({ raw }, reply) => {
      const bytes = this.#announced(raw);
      if (bytes === 0) return;
      this.#take(raw, bytes);
      // Cut off half-way, it is never handled. Else it is held until it is, even if nobody waits for the answer any more.
      reply.raw.once('close', () => {
        if (!raw.complete) this.#release(raw);
      });
    });
    server.addHook('onSend', async ({ raw }) => this.#release(raw));
  }

  #announced({ headers }: IncomingMessage): number {
    if (headers['transfer-encoding'] !== undefined) return this.maxBodyBytes;
    return Math.min(Number(headers['content-length'] ?? 0) || 0, this.maxBodyBytes);
  }

  #take(request: IncomingMessage, bytes: number): void {
    // One alone always passes, however the caps are set.
    if (this.#bytes > 0 && this.#bytes + bytes > this.mostBytes)
      throw new RequestProblem(429, 'More is being taken in than there is room for. Send the same request again.');
    this.#held.set(request, bytes);
    this.#bytes += bytes;
  }

  #release(request: IncomingMessage): void {
    this.#bytes -= this.#held.get(request) ?? 0;
    this.#held.delete(request);
  }
}
