import { Controller, Inject } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { decodeTransition, topics } from '#contracts';
import type { Alert } from '#domain';
import type { LogRecord, RecordBatch } from '#pipeline';
import { Courier } from '#pipeline';
import type { Log } from '#platform';
import { AlertShare } from './alert-share.js';
import { COURIER_LOG } from './tokens.js';

/** The nudge: a transition that carries an alert says that the outbox holds something new. */
@Controller()
export class TransitionsConsumer {
  constructor(
    @Inject(Courier) private readonly courier: Courier,
    @Inject(AlertShare) private readonly share: AlertShare,
    @Inject(COURIER_LOG) private readonly log: Log,
  ) {}

  @EventPattern(topics.riskTransitions.name, { group: 'courier' })
  async transitions(batch: RecordBatch): Promise<number> {
    await this.share.refresh();
    const alerts = batch.records.flatMap((record) => this.alertOf(record, batch.partition) ?? []);
    await this.courier.nudge(alerts);
    return batch.records.at(-1)!.offset + 1;
  }

  private alertOf({ value, offset }: LogRecord, partition: number): Alert | null {
    const reading = value === null ? null : decodeTransition(value);
    if (reading?.kind === 'read') return reading.alert;
    // The alert, if there was one, is in the outbox: the sweep finds it, and the partition goes on.
    const detail = reading?.detail ?? 'the record is empty';
    this.log.warn('transition-unreadable', { partition, offset, detail });
    return null;
  }
}
