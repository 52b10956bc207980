import type * as chdb from 'chdb';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const { Session } = createRequire(import.meta.url)('chdb') as typeof chdb;

/** What befalls the next statements whose text matches. */
export type StoreFault =
  /** Answered with this error, nothing done. */
  | { readonly kind: 'refuse'; readonly code: number; readonly type: string }
  /** Done, but only after a while. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Done, and the connection is cut before the answer. */
  | { readonly kind: 'swallow' }
  /** Neither done nor answered; the connection is cut at once. */
  | { readonly kind: 'reset' };

export interface PlannedFault {
  readonly fault: StoreFault;
  /** Part of the statement; empty: every one. */
  readonly match: string;
  readonly times: number;
}

export interface StoreServer {
  readonly url: string;
  plan(fault: PlannedFault): void;
  /** How many statements each kind of fault has hit so far. */
  readonly hits: ReadonlyMap<StoreFault['kind'], number>;
  close(): Promise<void>;
}

/**
 * The embedded engine behind ClickHouse's HTTP protocol, as far as this project's client speaks it: so that several
 * processes share one store by CLICKHOUSE_URL, and the way to a store can be broken. No authentication; loopback only.
 *
 * `POST /faults` with a PlannedFault as JSON plans a fault; `GET /faults` tells the hits.
 */
export async function startStoreServer(path: string, port = 0): Promise<StoreServer> {
  const session = new Session(path);
  await session.queryAsync('SET output_format_json_quote_64bit_integers = 0');
  await session.queryAsync('SET max_query_size = 100000000');
  const planned: { fault: StoreFault; match: string; left: number }[] = [];
  const hits = new Map<StoreFault['kind'], number>();

  const plan = ({ fault, match, times }: PlannedFault): void => void planned.push({ fault, match, left: times });
  const faultFor = (sql: string): StoreFault | undefined => {
    const index = planned.findIndex(({ match, left }) => left > 0 && sql.includes(match));
    const entry = planned[index];
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left === 0) planned.splice(index, 1);
    hits.set(entry.fault.kind, (hits.get(entry.fault.kind) ?? 0) + 1);
    return entry.fault;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://store');
    const { body, params } = await contentOf(request, url.searchParams);
    if (url.pathname === '/ping') return void response.end('Ok.\n');
    if (url.pathname === '/faults') {
      if (request.method === 'POST') plan(JSON.parse(body) as PlannedFault);
      return void response.end(JSON.stringify(Object.fromEntries(hits)));
    }
    // As a server has it by default (http_max_field_value_size).
    if ([...params.values()].some((text) => text.length > 131_072))
      return refuse(response, 1000, 'Code: 1000. DB::Exception: Field value too long. (POCO_EXCEPTION)');
    const sql = withParams([params.get('query') ?? '', body].filter(Boolean).join('\n'), params);
    const fault = faultFor(sql);
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'refuse')
      return refuse(response, fault.code, `Code: ${fault.code}. DB::Exception: planned. (${fault.type})`);
    if (fault?.kind === 'slow') await pause(fault.ms);
    try {
      const result = await session.queryAsync(sql, {
        format: url.searchParams.get('default_format') ?? 'TabSeparated',
      });
      if (fault?.kind === 'swallow') return void request.socket.destroy();
      response.setHeader('x-clickhouse-query-id', url.searchParams.get('query_id') ?? '');
      response.end(result.bytes());
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      refuse(response, Number(/Code: (\d+)/.exec(text)?.[1] ?? 1000), text);
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan,
    hits,
    async close() {
      server.closeAllConnections();
      server.close();
      session.close();
    },
  };
}

function refuse(response: ServerResponse, code: number, text: string): void {
  response.writeHead(500, { 'x-clickhouse-exception-code': String(code) });
  response.end(text);
}

/** `{name:Type}` becomes a cast of the text that came as `param_name`: single values arrive escaped but unquoted, lists as literals. */
function withParams(sql: string, params: URLSearchParams): string {
  return sql.replace(/\{(\w+):([^}]+)\}/g, (whole, name: string, type: string) => {
    const text = params.get(`param_${name}`);
    if (text === null) return whole;
    if (text === '\\N') return `CAST(NULL, '${type}')`;
    return /^(Array|Map|Tuple)\(/.test(type) ? `CAST(${text}, '${type}')` : `CAST('${text}', '${type}')`;
  });
}

/** Parameters come in the address, or as parts of a form. */
async function contentOf(
  request: IncomingMessage,
  inAddress: URLSearchParams,
): Promise<{ readonly body: string; readonly params: URLSearchParams }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return { body: bytes.toString('utf8'), params: inAddress };
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const params = new URLSearchParams(inAddress);
  for (const [name, text] of form) params.set(name, String(text));
  return { body: '', params };
}
