import type { EpochMs } from '#domain';
import { epochMs, impossible } from '#domain';
import type { ModelChange } from './model-store.js';

/** What has been promoted and not taken back, the one in force last. */
function standing(changes: readonly ModelChange[]): readonly string[] {
  const promoted: string[] = [];
  for (const { kind, version } of changes) {
    switch (kind) {
      case 'promote':
        if (version !== null) promoted.push(version);
        break;
      case 'rollback':
        promoted.pop();
        break;
      default:
        impossible(kind);
    }
  }
  return promoted;
}

/** Null when nothing is: then nobody is scored. */
export const versionInForce = (changes: readonly ModelChange[]): string | null => standing(changes).at(-1) ?? null;

/** Null when it is in force already. */
export function promotion(changes: readonly ModelChange[], version: string, now: EpochMs): ModelChange | null {
  return versionInForce(changes) === version ? null : { kind: 'promote', version, at: after(changes, now) };
}

/**
 * Back to what was in force before the last promotion that stands; twice goes back twice. From the first promotion it goes
 * back to none. Null when nothing is in force.
 */
export function rollback(changes: readonly ModelChange[], now: EpochMs): ModelChange | null {
  const promoted = standing(changes);
  if (promoted.length === 0) return null;
  return { kind: 'rollback', version: promoted.at(-2) ?? null, at: after(changes, now) };
}

/** Changes are read in the order of their instants, and clocks can stand or be put back. */
const after = (changes: readonly ModelChange[], now: EpochMs): EpochMs =>
  epochMs(Math.max(now, ...changes.map(({ at }) => at + 1)));
