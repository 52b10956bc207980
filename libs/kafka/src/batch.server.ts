import { Server } from '@nestjs/microservices';
import type { MessageHandler } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { Assignment, BatchHandler, RecordBatch } from '#pipeline';
import type { Voice } from './voice.js';

/**
 * What both transports share: handlers found by Nest, kept by group and topic.
 * A handler is a method `(batch: RecordBatch) => Promise<number>` under `@EventPattern(topic, { group })`.
 */
export abstract class BatchServer extends Server implements Assignment {
  /** A handler's throw reaches us, and we tell of it: Nest need not. */
  override readonly propagatesEventHandlerErrors = true;
  protected readonly groups = new Map<string, Map<string, BatchHandler>>();

  protected readonly voice: Voice = {
    warn: (event, fields) => this.logger.warn({ event, ...fields }),
    error: (event, fields) => this.logger.error({ event, ...fields }),
  };

  abstract assigned(topic: string): readonly number[];
  /** See Assignment; a log whose every offset holds a record need not tell. */
  readTo(_topic: string, _partition: number): number | null {
    return null;
  }

  /** True while every group of this process takes part. */
  abstract isReady(): boolean;

  /** Unlike Nest's own, handlers of the same topic in different groups each get every batch. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    _isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const topic = String(pattern);
    const group = extras['group'];
    if (typeof group !== 'string' || group === '') {
      throw new TypeError(`the handler of ${topic} names no group: @EventPattern(topic, { group: 'name' })`);
    }
    const handlers = this.groups.get(group) ?? new Map<string, BatchHandler>();
    if (handlers.has(topic)) throw new TypeError(`the group ${group} has two handlers of ${topic}`);
    handlers.set(topic, (batch) => this.#call(callback, batch));
    this.groups.set(group, handlers);
  }

  override on(): never {
    throw new TypeError('a batch transport emits no events: see isReady()');
  }

  override unwrap<T>(): T {
    return this as unknown as T;
  }

  async #call(callback: MessageHandler, batch: RecordBatch): Promise<number> {
    const answer: unknown = await lastValueFrom(this.transformToObservable(await callback(batch)) as never);
    if (Number.isSafeInteger(answer) && (answer as number) >= 0) return answer as number;
    throw new TypeError(`the handler of ${batch.topic} answered ${String(answer)}, not an offset`);
  }
}
