import { Controller, Inject } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { topics } from '#contracts';
import type { RecordBatch } from '#pipeline';
import { Tracker } from '#pipeline';

const group = { group: 'tracker' };

@Controller()
export class IntakeConsumer {
  constructor(@Inject(Tracker) private readonly tracker: Tracker) {}

  @EventPattern(topics.activity.name, group)
  activity(batch: RecordBatch): Promise<number> {
    return this.tracker.fold(batch);
  }

  @EventPattern(topics.transaction.name, group)
  transaction(batch: RecordBatch): Promise<number> {
    return this.tracker.fold(batch);
  }

  @EventPattern(topics.feedback.name, group)
  feedback(batch: RecordBatch): Promise<number> {
    return this.tracker.fold(batch);
  }
}
