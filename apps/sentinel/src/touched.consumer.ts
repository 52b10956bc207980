import { Controller, Inject } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { topics } from '#contracts';
import type { RecordBatch } from '#pipeline';
import { Sentinel } from '#pipeline';

@Controller()
export class TouchedConsumer {
  constructor(@Inject(Sentinel) private readonly sentinel: Sentinel) {}

  @EventPattern(topics.touched.name, { group: 'sentinel' })
  touched(batch: RecordBatch): Promise<number> {
    return this.sentinel.touched(batch);
  }
}
