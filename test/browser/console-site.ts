import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { AlertItem, AlertsAnswer, CustomerAnswer, IncidentsAnswer, OverviewAnswer, PackAnswer } from '#contracts';
import { builtConsole } from './built-console.js';

/** What the API answers; tests change it while the console looks on. */
export interface SiteState {
  overview: OverviewAnswer;
  alerts: AlertItem[];
  incidents: IncidentsAnswer['items'];
  customers: Map<string, CustomerAnswer>;
  pack: PackAnswer;
  /** `away` answers 503, `gone` hangs up without a word, `forbidden` answers 403. */
  mood: 'well' | 'away' | 'gone' | 'forbidden';
}

export interface Site {
  readonly url: string;
  readonly state: SiteState;
  /** Paths asked of the API so far, oldest first. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

// As strict as it gets: whatever the console loads must be a file of its own origin, and nothing may be inline.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The built console and an API of the contract's shape, over HTTP. */
export async function openSite(state: SiteState): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    if (!url.pathname.startsWith('/v1/')) return serveFile(url.pathname, response);
    asked.push(`${url.pathname}${url.search}`);
    return answer(state, url, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(state: SiteState, url: URL, request: IncomingMessage, response: ServerResponse): void {
  if (state.mood === 'gone') return void request.socket.destroy();
  if (state.mood === 'away') return send(response, 503, { title: 'Service Unavailable', status: 503 });
  if (state.mood === 'forbidden') return send(response, 403, { title: 'Forbidden', status: 403 });
  const customer = /^\/v1\/customers\/([^/]+)$/.exec(url.pathname)?.[1];
  if (customer !== undefined) {
    const known = state.customers.get(decodeURIComponent(customer));
    return known ? send(response, 200, known) : send(response, 404, { title: 'Not Found', status: 404 });
  }
  switch (url.pathname) {
    case '/v1/overview':
      return send(response, 200, state.overview);
    case '/v1/pack':
      return send(response, 200, state.pack);
    case '/v1/incidents':
      return send(response, 200, { items: state.incidents });
    case '/v1/alerts':
      return send(response, 200, alertsPage(state.alerts, url.searchParams));
    default:
      return send(response, 404, { title: 'Not Found', status: 404 });
  }
}

function alertsPage(alerts: readonly AlertItem[], query: URLSearchParams): AlertsAnswer {
  const customer = query.get('customer');
  const wanted = customer === null ? alerts : alerts.filter((alert) => alert.customer === customer);
  const cursor = query.get('cursor');
  const from = cursor === null ? 0 : wanted.findIndex(({ id }) => id === cursor) + 1;
  const items = wanted.slice(from, from + Number(query.get('limit') ?? 50));
  const more = from + items.length < wanted.length;
  return { items, nextCursor: more ? items.at(-1)!.id : null };
}

function serveFile(path: string, response: ServerResponse): void {
  const file = join(builtConsole, normalize(path === '/' ? '/index.html' : path));
  try {
    const body = readFileSync(file);
    response.writeHead(200, {
      'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
