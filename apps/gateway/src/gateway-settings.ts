import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locale } from '#domain';
import type { AdmissionLimits } from '#contracts';
import { defaultAdmissionLimits } from '#contracts';
import type { FeedLimits } from '#pipeline';
import { noFeedVouches } from '#pipeline';
import { packageRoot } from '#platform';

export const GATEWAY_SETTINGS = Symbol('GatewaySettings');

export interface GatewaySettings {
  /** Language of the console before the reader picks one. */
  readonly locale: Locale;
  readonly limits: AdmissionLimits;
  readonly maxBodyBytes: number;
  /** Of all request bodies not yet answered; beyond it senders are told to wait. */
  readonly maxInFlightBytes: number;
  /** Items of one request; more are refused before any is read, as each refusal is worth an answer of its own. */
  readonly maxItems: number;
  readonly feedLimits: FeedLimits;
  readonly version: string;
  /** The built console; served at `/` where it exists. */
  readonly consoleDir: string;
  /** One page for each error code; served at `/errors/CODE` where it exists. */
  readonly errorPagesDir: string;
}

export function gatewaySettings(chosen: Partial<GatewaySettings> = {}): GatewaySettings {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  return {
    locale: 'en',
    limits: defaultAdmissionLimits,
    maxBodyBytes: 1_048_576,
    maxInFlightBytes: 33_554_432,
    maxItems: 5_000,
    feedLimits: noFeedVouches,
    version,
    consoleDir: join(root, 'dist', 'console'),
    errorPagesDir: join(root, 'docs', 'errors'),
    ...chosen,
  };
}
