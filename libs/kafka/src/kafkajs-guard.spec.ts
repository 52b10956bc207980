import { guardIdleQueue, kafkajsRequestQueue } from './kafkajs-guard.js';
import type { RequestQueue } from './kafkajs-guard.js';

type Queue = RequestQueue & {
  throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  push(request: unknown): void;
  fulfillRequest(response: unknown): void;
  destroy(): void;
};
type QueueClass = new (options: object) => Queue;

/** A class of its own each time, so that guarding one leaves the others as kafkajs ships them. */
function queueOf(guard: boolean, maxInFlightRequests: number | null = null): Queue {
  const Original = kafkajsRequestQueue() as unknown as QueueClass;
  const Own = class extends Original {};
  if (guard) guardIdleQueue(Own);
  const logger = { debug: () => {}, warn: () => {} };
  return new Own({ maxInFlightRequests, requestTimeout: 1_000, clientId: 'c', broker: 'b', logger });
}

function countWakeUps(queue: Queue): { count: number } {
  const wakeUps = { count: 0 };
  const check = queue.checkPendingRequests.bind(queue);
  queue.checkPendingRequests = () => {
    wakeUps.count += 1;
    check();
  };
  return wakeUps;
}

describe('the guard for idle request queues', () => {
  it('is still needed: as kafkajs ships it an idle queue wakes over and over (when this fails, upstream is fixed: remove the guard)', async () => {
    const queue = queueOf(false);
    queue.scheduleCheckPendingRequests();
    const wakeUps = countWakeUps(queue);
    while (wakeUps.count < 20) await new Promise(setImmediate);
    queue.destroy();
    expect(wakeUps.count).toBeGreaterThanOrEqual(20);
  });

  it('leaves an idle queue without any timer', () => {
    const queue = queueOf(true);
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('still sends a request that had to wait for its turn', () => {
    const queue = queueOf(true, 1);
    const sent: number[] = [];
    const request = (correlationId: number): object => ({
      entry: { correlationId, resolve: () => {}, reject: () => {} },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    });
    queue.push(request(1));
    queue.push(request(2));
    expect(sent).toEqual([1]);
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
    queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 });
    expect(sent).toEqual([1, 2]);
    queue.destroy();
  });
});
