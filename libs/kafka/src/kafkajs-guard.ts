import { createRequire } from 'node:module';

/** The part of kafkajs's private RequestQueue that the guard needs. */
export interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}
export type RequestQueueClass = { readonly prototype: RequestQueue };

const guarded = new WeakSet<object>();

export const kafkajsRequestQueue = (): RequestQueueClass =>
  createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as RequestQueueClass;

/**
 * kafkajs 2.2.4 re-arms a timer for its waiting requests even when none waits, with a timeout of `-1 - now`: Node makes
 * that 1 ms, and every idle connection wakes a thousand times a second (tulios/kafkajs#1751). Nothing waits, nothing to arm.
 */
export function guardIdleQueue(queueClass: RequestQueueClass = kafkajsRequestQueue()): void {
  const { prototype } = queueClass;
  if (guarded.has(prototype)) return;
  guarded.add(prototype);
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
