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

/** The part of kafkajs's private Connection that the guard needs: what has come of an answer whose rest is still to come. */
export interface Connection {
  chunks: readonly Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  isConnected(): boolean;
  connect(): Promise<boolean>;
}
export type ConnectionClass = { readonly prototype: Connection };

export const kafkajsConnection = (): ConnectionClass =>
  createRequire(import.meta.url)('kafkajs/src/network/connection.js') as ConnectionClass;

/** Bytes of the length that stands before each answer. */
const lengthBytes = 4;

/**
 * kafkajs 2.2.4 connects again with the same object and keeps what it had of an answer when the line was cut: all that
 * comes over the new line is then read from the wrong place. Requests wait for answers that never match, consumers stand
 * still, or a length is read where none is and the process ends. A new line begins with nothing.
 */
export function guardReconnect(connectionClass: ConnectionClass = kafkajsConnection()): void {
  const { prototype } = connectionClass;
  if (guarded.has(prototype)) return;
  guarded.add(prototype);
  const connect = prototype.connect;
  prototype.connect = function (this: Connection) {
    if (!this.isConnected()) Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: lengthBytes });
    return connect.call(this);
  };
}
