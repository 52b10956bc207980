import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import type { Registry } from 'prom-client';
import { ChurnError } from '#domain';
import type { Health } from './health.js';

/** What operators' machines ask a process for. */
export interface Operations {
  readonly health: Health;
  readonly registry: Registry;
}

export interface OpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export const opsPaths = ['/metrics', '/health/live', '/health/ready', '/health/startup'] as const;

/** Answers one of `opsPaths`, null for any other path: for the server below and for whoever mounts the pages elsewhere. */
export async function answerOps(path: string, { health, registry }: Operations): Promise<OpsAnswer | null> {
  switch (path) {
    case '/metrics':
      return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
    case '/health/live':
      return healthAnswer(health.live());
    case '/health/ready':
      return healthAnswer(await health.ready());
    case '/health/startup':
      return healthAnswer(health.startup());
    default:
      return null;
  }
}

function healthAnswer(report: { readonly status: 'ok' | 'failing' }): OpsAnswer {
  return {
    status: report.status === 'ok' ? 200 : 503,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify(report)}\n`,
  };
}

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the pages on a port of their own, so that no public listener ever shows them. Throws ChurnError CONFIG_INVALID when the port is taken. */
export async function startOpsServer(host: string, port: number, operations: Operations): Promise<OpsServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const known = request.method === 'GET' || request.method === 'HEAD' ? answerOps(path, operations) : null;
    Promise.resolve(known).then(
      (answer) => {
        response.writeHead(answer?.status ?? 404, {
          'content-type': answer?.contentType ?? 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
        });
        response.end(request.method === 'HEAD' ? undefined : (answer?.body ?? `try ${opsPaths.join(' ')}\n`));
      },
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new ChurnError('CONFIG_INVALID', `METRICS_HOST and METRICS_PORT: cannot listen on ${host}:${port}`, { cause }),
      ),
    );
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
