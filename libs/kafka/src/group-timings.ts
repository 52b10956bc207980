export interface GroupTimings {
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly maxWaitMs: number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** Between tries of a batch whose failure will not pass by itself. */
  readonly stuckRetryMs: number;
  /** How long a consumer may show no sign of life before its lag is looked at. */
  readonly silentMs: number;
  /** What a running handler gets to finish when the process stops; then its signal aborts. */
  readonly closeGraceMs: number;
}

const fixedTimings = {
  maxWaitMs: 150,
  firstRetryMs: 200,
  longestRetryMs: 10_000,
  stuckRetryMs: 30_000,
  silentMs: 60_000,
  closeGraceMs: 5_000,
} as const;

/** Three beats fit into the shortest session. */
export function groupTimings(sessionTimeoutMs: number, chosen: Partial<GroupTimings> = {}): GroupTimings {
  const heartbeatMs = Math.min(3_000, Math.floor((chosen.sessionTimeoutMs ?? sessionTimeoutMs) / 3));
  return { ...fixedTimings, sessionTimeoutMs, heartbeatMs, ...chosen };
}
