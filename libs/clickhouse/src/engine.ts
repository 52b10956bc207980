import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ClickHouseClient, ClickHouseClientConfigOptions } from '@clickhouse/client';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { ChurnError } from '#domain';

/** A server by URL, or the embedded engine on a folder of its own. */
export type EngineAddress =
  | { readonly url: string; readonly username: string; readonly password: string; readonly database: string }
  | { readonly path: string; readonly database: string };

/**
 * Opens the one client that everything here uses. The embedded engine plugs in below it
 * (an experimental hook of the client, so it is known to this file only).
 */
export function openEngine(address: EngineAddress): ClickHouseClient {
  const common = {
    application: 'churnwatch',
    // Failures are told by `Store`, without the statements that the client would print.
    log: { level: ClickHouseLogLevel.OFF },
    // The same for every request: the embedded engine would keep any other for the requests after it.
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  } as const;
  if ('url' in address) {
    const { url, username, password } = address;
    return createClient({
      ...common,
      url,
      username,
      password,
      request_timeout: 60_000,
      keep_alive: { enabled: true },
      // Parameters that are long go into the body: servers and what stands before them cut long addresses off.
      use_multipart_params_auto: true,
    });
  }
  const path = resolve(address.path);
  try {
    mkdirSync(path, { recursive: true });
    // The engine's own typing of the hook is a shade looser than the client's (optional against possibly undefined).
    const connection = createChdbConnection({ path }) as unknown as NonNullable<
      ClickHouseClientConfigOptions['connection']
    >;
    return createClient({ ...common, connection });
  } catch (cause) {
    throw new ChurnError(
      'DATA_DIR_BUSY',
      `the embedded engine cannot use ${path}; is another churnwatch running on it?`,
      {
        cause,
      },
    );
  }
}
