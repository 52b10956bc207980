import type { EventType } from './activity-event.js';
import { engagementTypes } from './activity-event.js';
import { canTurn } from './direction.js';
import type { Push } from './direction.js';
import { impossible } from './errors.js';
import type { IncidentId, TenantId } from './ids.js';
import type { Rule } from './rule.js';
import type { Signal } from './signal.js';
import type { EpochMs } from './time.js';

/** What can go wrong for many customers at once. */
export const failureKinds = [
  'crash',
  'freeze',
  'login_failed',
  'update_failed',
  'payment_failed',
] as const satisfies readonly EventType[];
export type FailureKind = (typeof failureKinds)[number];

/** What an incident can be: customers fail at something, or nothing is heard of them any more (`silent`). */
export const incidentKinds = [...failureKinds, 'silent'] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** Whom something concerns; an empty text is any. All empty: everybody. */
export interface Extent {
  readonly appVersion: string;
  readonly platform: string;
  readonly channel: string;
}

export const dimensions = ['appVersion', 'platform', 'channel'] as const satisfies readonly (keyof Extent)[];

/** True when all that is within `inner` is within `outer`. */
export const contains = (outer: Extent, inner: Extent): boolean =>
  dimensions.every((dimension) => outer[dimension] === '' || outer[dimension] === inner[dimension]);

/** One is part of the other, or they are the same. */
export const areNested = (a: Extent, b: Extent): boolean => contains(a, b) || contains(b, a);

export const extentText = (extent: Extent): string =>
  dimensions.flatMap((dimension) => extent[dimension] || []).join(' × ') || 'everybody';

export const incidentStates = ['open', 'closed'] as const;
export type IncidentState = (typeof incidentStates)[number];

/**
 * Very many customers fail at something at once, or are not heard of any more. A row is written once for each change; the
 * greatest revision holds.
 */
export interface Incident {
  /** Hash of tenant, kind, extent and beginning as first seen: finding it again gives the same id. */
  readonly id: IncidentId;
  readonly revision: number;
  readonly tenant: TenantId;
  /** At what; the one that it was found by comes first. */
  readonly kinds: readonly [IncidentKind, ...IncidentKind[]];
  readonly extent: Extent;
  readonly state: IncidentState;
  /** To five minutes. */
  readonly beganAt: EpochMs;
  readonly detectedAt: EpochMs;
  /** Since when all has been as usual again; null while it is open. */
  readonly endedAt: EpochMs | null;
  readonly endDetectedAt: EpochMs | null;
  /**
   * Customers who failed, and who were there, in the quarter of an hour by which it was found. Of a silence: who was not
   * heard any more, and who had been heard in the day before.
   */
  readonly failing: number;
  readonly active: number;
  /** The share of them that usually fails, or is usually not heard in so long. */
  readonly norm: number;
  /** Customers who have failed since it began, or who were last heard there before. */
  readonly affected: number;
  /** What they spent on the 90 whole UTC days before. */
  readonly valueAtRisk: number;
  /** How many of them did something of their own accord after it ended, as far as was known when it was closed. */
  readonly cameBack: number | null;
}

/** Whether it is that nothing is heard of the customers, and not that they fail at something. */
export const isOfSilence = ({ kinds }: Pick<Incident, 'kinds'>): boolean => kinds[0] === 'silent';

/**
 * True when a rule may fire at a customer just because of such an incident: more failures of this kind, or the customer's
 * staying away, can bring its condition about.
 */
export function isExplainedBy(
  rule: Pick<Rule, 'enter'>,
  signals: readonly Signal[],
  kinds: readonly IncidentKind[],
): boolean {
  return canTurn(rule.enter, true, (name): Push => {
    const signal = signals.find((each) => each.name === name);
    return signal === undefined ? 'none' : pushOfIncident(signal, kinds);
  });
}

/** Which way an incident pushes a signal: its customers fail more often, and do not come as usual. */
function pushOfIncident(signal: Signal, kinds: readonly IncidentKind[]): Push {
  const isOneOf = (types: readonly string[]): boolean => signal.events.some((type) => types.includes(type));
  switch (signal.kind) {
    case 'count':
    case 'sum':
    case 'active-days':
    case 'ratio':
    case 'trend':
      if (isOneOf(kinds)) return 'up';
      return isOneOf(engagementTypes) ? 'down' : 'none';
    case 'share':
      return isOneOf(kinds) ? 'up' : 'none';
    case 'silence':
    case 'overdue':
    case 'missed-days':
      return isOneOf(engagementTypes) ? 'up' : 'none';
    case 'mean':
    case 'tenure':
    case 'usual-gap':
    case 'gap-spread':
    case 'open-for':
      return 'none';
    default:
      return impossible(signal);
  }
}
