import type { ClickHouseClient, ClickHouseError } from '@clickhouse/client';
import type { z } from 'zod';
import { ChurnError } from '#domain';
import type { EngineAddress } from './engine.js';
import { openEngine } from './engine.js';
import { fenced } from './fence.js';
import type { Query } from './query.js';

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const databaseName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Runs named queries and inserts in one database. All failures are ChurnErrors without row text. */
export class Store {
  private readonly client: ClickHouseClient;
  readonly database: string;

  constructor(address: EngineAddress) {
    if (!databaseName.test(address.database)) {
      throw new ChurnError('CONFIG_INVALID', `CLICKHOUSE_DATABASE is no plain name: ${address.database}`);
    }
    this.database = address.database;
    this.client = openEngine(address);
  }

  async rows<P extends z.ZodType, R extends z.ZodType>(query: Query<P, R>, params: z.input<P>): Promise<z.output<R>[]> {
    return this.guarded(query.name, async () => {
      const result = await this.client.query({
        query: this.inDatabase(query.sql),
        query_params: query.params.parse(params) as Record<string, unknown>,
        format: 'JSONEachRow',
      });
      const rows = await result.json<unknown>();
      return rows.map((row) => query.row.parse(row));
    });
  }

  /** As `rows`, for hot paths: each row an array in the SELECT's order, not checked. */
  async tuples<P extends z.ZodType, R extends z.ZodType>(
    query: Query<P, R>,
    params: z.input<P>,
  ): Promise<z.output<R>[]> {
    return this.guarded(query.name, async () => {
      const result = await this.client.query({
        query: this.inDatabase(query.sql),
        query_params: params as Record<string, unknown>,
        format: 'JSONCompactEachRow',
      });
      return await result.json<z.output<R>>();
    });
  }

  /**
   * One insert, one block. With a token, a repeat of the same insert changes nothing,
   * neither in the table nor in what its views feed.
   *
   * The settings stand in the statement: the embedded engine turns the client's per-request settings into session
   * settings, and a token left behind there would make it drop the next insert as a repeat, without a word.
   */
  async insert(table: string, columns: readonly string[], rows: readonly unknown[][], token?: string): Promise<void> {
    if (rows.length === 0) return;
    const settings = ['async_insert = 0', 'deduplicate_blocks_in_dependent_materialized_views = 1'];
    if (token !== undefined) settings.push(`insert_deduplication_token = ${literal(token)}`);
    const into = `INSERT INTO $db.${table} (${columns.join(', ')}) SETTINGS ${settings.join(', ')} FORMAT JSONCompactEachRow`;
    await this.guarded(`insert into ${table}`, async () => {
      const query = [this.inDatabase(into), ...rows.map((row) => JSON.stringify(row))].join('\n');
      await this.client.command({ query });
    });
  }

  /** A statement that writes what it reads. */
  async execute<P extends z.ZodType>(query: Query<P, z.ZodNever>, params: z.input<P>): Promise<void> {
    await this.guarded(query.name, async () => {
      await this.client.command({
        query: this.inDatabase(query.sql),
        query_params: query.params.parse(params) as Record<string, unknown>,
      });
    });
  }

  async command(sql: string): Promise<void> {
    await this.guarded('command', async () => {
      await this.client.command({ query: this.inDatabase(sql) });
    });
  }

  async ping(): Promise<void> {
    await this.command('SELECT 1');
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private inDatabase(sql: string): string {
    return sql.replaceAll('$db', this.database);
  }

  private async guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (isRefusal(cause)) {
        if (isFenced(cause)) throw fenced(what, cause);
        // The server's text may quote rows; its code and type never do.
        throw new ChurnError('STORE_REFUSED', `${what}: ClickHouse answered ${cause.code} ${cause.type ?? ''}`, {
          cause,
          retryable: retryableCodes.has(cause.code),
        });
      }
      if (cause instanceof Error && cause.name === 'ZodError') throw cause;
      throw new ChurnError('STORE_UNAVAILABLE', `${what}: the store did not answer`, { cause, retryable: true });
    }
  }
}

/** The engine said no, with a number. The embedded engine's errors come from another copy of the class, so `instanceof` is no use. */
const isRefusal = (cause: unknown): cause is ClickHouseError =>
  cause instanceof Error && 'code' in cause && /^\d+$/.test(String(cause.code));

/** A door's throwIf: no other statement of ours has one. */
const isFenced = (cause: ClickHouseError): boolean => String(cause.code) === '395';

/** TIMEOUT_EXCEEDED, TOO_MANY_SIMULTANEOUS_QUERIES, NOT_ENOUGH_SPACE, MEMORY_LIMIT_EXCEEDED, TOO_MANY_PARTS and network trouble. */
const retryableCodes = new Set(['159', '202', '209', '210', '236', '241', '242', '243', '252', '319', '999']);
