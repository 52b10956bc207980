import type { EpochMs, TenantId } from '#domain';
import type { ModelCard } from './model-card.js';

/** Each tenant has scores of its own, and another one under each pack. */
export interface ModelOwner {
  readonly tenant: TenantId;
  readonly pack: string;
}

export const modelChangeKinds = ['promote', 'rollback'] as const;
export type ModelChangeKind = (typeof modelChangeKinds)[number];

/** Of which version is in force. */
export interface ModelChange {
  readonly kind: ModelChangeKind;
  /** In force from then on; null where a rollback left none. */
  readonly version: string | null;
  /** Later than every change before. */
  readonly at: EpochMs;
}

/** Scores that were trained, and which of them is in force. Nothing is ever taken away or written over. */
export interface ModelStore {
  /** Under its version, for good. Repeating changes nothing: the first card of a version stays. */
  keep(card: ModelCard): Promise<void>;
  /** The newest first. */
  cards(owner: ModelOwner): Promise<readonly ModelCard[]>;
  /** The oldest first. */
  changes(owner: ModelOwner): Promise<readonly ModelChange[]>;
  append(owner: ModelOwner, change: ModelChange): Promise<void>;
}
