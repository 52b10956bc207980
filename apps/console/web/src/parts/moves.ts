import type { CustomerAnswer } from '#contracts';
import type { FlagState } from '#domain';
import type { Evidence } from './evidence.js';

export type TimelineEntry = CustomerAnswer['timeline'][number];

/** A timeline entry of kind `transition`, its detail read with care: it is open-ended in the contract. */
export interface Move {
  readonly rule: string;
  readonly from: FlagState | null;
  readonly to: FlagState;
  readonly evidence: Evidence;
}

const states: ReadonlySet<unknown> = new Set<FlagState>(['clear', 'pending', 'firing', 'recovering', 'retracted']);
const isState = (value: unknown): value is FlagState => states.has(value);

export function moveOf({ kind, type, detail }: TimelineEntry): Move | null {
  if (kind !== 'transition') return null;
  const to = isState(detail['to']) ? detail['to'] : isState(type) ? type : null;
  const rule = typeof detail['rule'] === 'string' ? detail['rule'] : isState(type) ? null : type;
  if (to === null || rule === null) return null;
  return { rule, to, from: isState(detail['from']) ? detail['from'] : null, evidence: evidenceOf(detail['evidence']) };
}

/** Firing anew; a relapse while recovering is the same episode going on. */
export const fires = ({ from, to }: Move): boolean => to === 'firing' && from !== 'recovering';
/** The end of something that was raised; a pending flag that lapsed never was. */
export const clears = ({ from, to }: Move): boolean => to === 'retracted' || (to === 'clear' && from !== 'pending');

function evidenceOf(value: unknown): Evidence {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter(([, number]) => number === null || typeof number === 'number');
  return Object.fromEntries(entries) as Evidence;
}
