import kafkajs from 'kafkajs';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { BatchHandler, LogRecord } from '#pipeline';
import type { GroupTimings } from './group-timings.js';
import { within } from './deadline.js';
import { failureOf, textOf } from './handler-failure.js';
import type { Ownership } from './ownership.js';
import { placeOf } from './ownership.js';
import type { ReadPositions } from './read-positions.js';
import { toRecords } from './record.js';
import type { Voice } from './voice.js';

interface Failure {
  readonly attempt: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

export interface TurnParts {
  readonly groupId: string;
  readonly handlers: ReadonlyMap<string, BatchHandler>;
  readonly timings: GroupTimings;
  readonly voice: Voice;
  readonly positions: ReadPositions;
  readonly signOfLife: () => void;
  readonly after: (waitMs: number, what: () => void) => void;
  /** A partition was dropped for a fence that the group knows nothing of. */
  readonly onFenced: (ownership: Ownership) => void;
}

/**
 * Takes fetched batches to their handlers and goes where these want to go. Nothing that is asked of kafkajs meanwhile is
 * waited for without a bound: after brokers went and came it may never answer, and a turn that never ends would hold its
 * partition for good, since whoever is at work counts as alive.
 */
export class BatchTurns {
  readonly #failures = new Map<string, Failure>();
  /** How to go on with partitions that wait. */
  readonly #paused = new Map<string, () => void>();
  #running = 0;

  constructor(private readonly parts: TurnParts) {}

  get areRunning(): boolean {
    return this.#running > 0;
  }

  /** The partitions are assigned anew: what was wrong under the old generation need not be wrong now. */
  begin(): void {
    this.#failures.clear();
    for (const resume of this.#paused.values()) resume();
  }

  async take(consumer: Consumer, ownership: Ownership, payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const { handlers, timings, signOfLife } = this.parts;
    const handler = handlers.get(topic)!;
    const place = placeOf(topic, partition);
    const { firstOffset, lastOffset } = this.#reach(place, messages);
    let records = toRecords(messages, lastOffset);
    const endOffset = Number(payload.batch.highWatermark);
    let lost: unknown = null;
    const heartbeat = async (): Promise<void> => {
      try {
        await within(timings.sessionTimeoutMs, 'a heartbeat', payload.heartbeat());
      } catch (error) {
        // Other failures are the connection's: kafkajs repairs it, and the session outlives a few missed beats.
        if (!isRevocation(error)) return;
        lost = error;
        ownership.revoke();
        throw error;
      }
    };
    let beating: Promise<void> = Promise.resolve();
    const beats = setInterval(() => (beating = heartbeat().catch(() => {})), timings.heartbeatMs);
    this.#running += 1;
    try {
      for (;;) {
        const next = await handler({ topic, partition, records, endOffset, signal: ownership.signal, heartbeat });
        this.#failures.delete(place);
        if (!ownership.isHeld) break;
        records = await this.#move(consumer, payload, records, next, lastOffset);
        if (records.length === 0 || ownership.signal.aborted) break;
      }
    } catch (error) {
      if (isRevocation(error)) lost = error;
      else if (ownership.isHeld && !ownership.signal.aborted)
        this.#pause(payload, ownership, { firstOffset, lastOffset }, error);
    } finally {
      clearInterval(beats);
      // Whoever learns in the last beat that the membership is lost has to say so: kafkajs may never ask again by itself, and
      // would go on handing over what nobody takes any more.
      await beating;
      this.#running -= 1;
      signOfLife();
    }
    // kafkajs joins the group again when this error reaches it.
    if (lost !== null) throw lost;
  }

  /** Goes where the handler wants to go; what is left of the batch when that is inside it. */
  async #move(
    consumer: Consumer,
    payload: EachBatchPayload,
    records: readonly LogRecord[],
    next: number,
    lastOffset: number,
  ): Promise<LogRecord[]> {
    const { topic, partition } = payload.batch;
    const isInside = next > records[0]!.offset && next <= lastOffset;
    const { positions } = this.parts;
    if (next > lastOffset + 1 || next <= records[0]!.offset) {
      consumer.seek({ topic, partition, offset: String(next) });
      positions.sent(topic, partition, next);
    } else {
      payload.resolveOffset(String(next - 1));
      const isAll = next > Number(payload.batch.messages.at(-1)!.offset);
      // Behind the last record there may be offsets that hold none.
      positions.read(topic, partition, isAll ? Number(payload.batch.lastOffset()) + 1 : next);
    }
    if (next > records[0]!.offset) await this.#commit(payload, next);
    return isInside ? records.filter((record) => record.offset >= next) : [];
  }

  /** The committed offset is a hint for whoever takes over; only a lost membership makes its failure ours. */
  async #commit(payload: EachBatchPayload, next: number): Promise<void> {
    const { topic, partition } = payload.batch;
    const offsets = { topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] };
    try {
      await within(this.parts.timings.sessionTimeoutMs, 'the commit', payload.commitOffsetsIfNecessary(offsets));
    } catch (error) {
      if (isRevocation(error)) throw error;
      this.parts.voice.warn('commit-failed', { group: this.parts.groupId, topic, partition, reason: textOf(error) });
    }
  }

  /** After a failure the same records again, though more may have come since. */
  #reach(place: string, messages: readonly KafkaMessage[]): { firstOffset: number; lastOffset: number } {
    const firstOffset = Number(messages[0]!.offset);
    const lastOffset = Number(messages.at(-1)!.offset);
    const failure = this.#failures.get(place);
    if (failure?.firstOffset !== firstOffset) return { firstOffset, lastOffset };
    return { firstOffset, lastOffset: Math.min(lastOffset, failure.lastOffset) };
  }

  /** Only this partition waits: kafkajs fetches the others meanwhile. */
  #pause(
    payload: EachBatchPayload,
    ownership: Ownership,
    range: { firstOffset: number; lastOffset: number },
    error: unknown,
  ): void {
    const { groupId: group, timings, voice, after, onFenced } = this.parts;
    const { topic, partition } = payload.batch;
    const place = placeOf(topic, partition);
    const resume = payload.pause();
    const goOn = (): void => {
      // Once: the partition may have been paused anew meanwhile, for another reason.
      if (this.#paused.get(place) !== goOn) return;
      this.#paused.delete(place);
      resume();
    };
    this.#paused.set(place, goOn);
    const failure = failureOf(error);
    if (failure === 'fenced') {
      ownership.drop(topic, partition);
      this.#failures.delete(place);
      voice.error('partition-fenced', { group, topic, partition, reason: textOf(error) });
      return onFenced(ownership);
    }
    const attempt = (this.#failures.get(place)?.attempt ?? 0) + 1;
    const waitMs = failure === 'stuck' ? timings.stuckRetryMs : backOffMs(timings, attempt);
    this.#failures.set(place, { attempt, ...range });
    const fields = { group, topic, partition, ...range, attempt, waitMs, reason: textOf(error) };
    if (failure === 'stuck') voice.error('batch-stuck', fields);
    else voice.warn('batch-failed', fields);
    after(waitMs, goOn);
  }
}

export const backOffMs = (timings: Pick<GroupTimings, 'firstRetryMs' | 'longestRetryMs'>, attempt: number): number =>
  Math.min(timings.firstRetryMs * 2 ** (attempt - 1), timings.longestRetryMs);

const revocations = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
]);
const isRevocation = (error: unknown): boolean =>
  error instanceof kafkajs.KafkaJSProtocolError && revocations.has(error.type);
