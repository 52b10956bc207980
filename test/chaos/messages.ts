import type { RoleName } from '../../apps/standalone/src/start-roles.js';

/** Where and when a process kills itself. */
export interface CrashPlan {
  readonly point: string;
  /** At the n-th time it comes by. */
  readonly times: number;
  /** It falls asleep there instead of dying. */
  readonly sleeps?: boolean;
}

/** What a warmed-up process is told to become. */
export interface Orders {
  readonly roles: readonly RoleName[];
  readonly env: Readonly<Record<string, string>>;
  readonly clockFile: string;
  readonly skewMs: number;
  /** The point of a self-inflicted death is written here: nothing else would outlive it. */
  readonly deathsFile: string;
  readonly logFile: string;
  readonly crash: CrashPlan | null;
  readonly switches: readonly string[];
}

export interface RawRecord {
  readonly key: string;
  readonly base64: string;
}

export type ToProcess =
  | { readonly kind: 'go'; readonly orders: Orders }
  | { readonly kind: 'crash-at'; readonly crash: CrashPlan | null }
  | { readonly kind: 'skew'; readonly ms: number }
  /** Records of this topic are not folded until another is named, or none. */
  | { readonly kind: 'lag'; readonly topic: string }
  | { readonly kind: 'append'; readonly ask: number; readonly topic: string; readonly records: readonly RawRecord[] }
  | { readonly kind: 'sql'; readonly ask: number; readonly sql: string };

export type FromProcess =
  | { readonly kind: 'warm' }
  | { readonly kind: 'started'; readonly url: string | null; readonly points: readonly string[] }
  /** Everything up to here is decided by this process. */
  | { readonly kind: 'decided'; readonly upTo: number }
  | { readonly kind: 'folded'; readonly events: number }
  | { readonly kind: 'answer'; readonly ask: number; readonly ok: boolean; readonly rows: readonly unknown[] }
  | { readonly kind: 'failed'; readonly reason: string };
