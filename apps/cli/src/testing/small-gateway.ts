import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import type { AdmitAnswer } from '#contracts';
import { defaultAdmissionLimits, readEvent } from '#contracts';
import { epochMs, tenantId } from '#domain';

/** How the next requests are answered before events are taken again; 'hang up' closes the connection. */
type Trouble = { readonly status: number; readonly retryAfter?: string } | 'hang up';

/** The intake end of a gateway over real HTTP: judges events as the gateway does and keeps those it took. */
export async function startSmallGateway(now = Date.UTC(2026, 0, 31)) {
  const taken: Record<string, unknown>[] = [];
  const troubles: Trouble[] = [];
  const requests: { readonly contentType: string; readonly bytes: number }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      requests.push({ contentType: request.headers['content-type'] ?? '', bytes: body.length });
      const trouble = troubles.shift();
      if (trouble === 'hang up') return void request.socket.destroy();
      if (trouble !== undefined) {
        if (trouble.retryAfter !== undefined) response.setHeader('retry-after', trouble.retryAfter);
        return void response.writeHead(trouble.status).end('{}');
      }
      const answer = judge(JSON.parse(body.toString()) as Record<string, unknown>[], now, taken);
      const status = answer.accepted > 0 ? 202 : 400;
      return void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    troubles,
    requests,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function judge(events: readonly Record<string, unknown>[], now: number, taken: Record<string, unknown>[]): AdmitAnswer {
  const arrival = { tenant: tenantId('default'), receivedAt: epochMs(now), now: epochMs(now) };
  const items = events.map((event, index): AdmitAnswer['items'][number] => {
    const admission = readEvent(structuredClone(event), { ...defaultAdmissionLimits, ...arrival });
    const id = String(event['id']);
    if (admission.kind === 'rejected') {
      return { index, id, outcome: 'rejected', reason: admission.reason, detail: admission.detail };
    }
    taken.push(event);
    return { index, id, outcome: 'accepted' };
  });
  const accepted = items.filter(({ outcome }) => outcome === 'accepted').length;
  return { accepted, rejected: items.length - accepted, items };
}
