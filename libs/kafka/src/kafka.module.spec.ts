import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { topics } from '#contracts';
import { epochMs } from '#domain';
import type { Assignment, EventLog, RecordBatch } from '#pipeline';
import { ASSIGNMENT, EVENT_LOG, JOURNAL } from '#pipeline';
import { kafkaSettings, loadConfig } from '#platform';
import { MemoryJournal } from '../../../test/support/memory-journal.js';
import { waitUntil } from '../../../test/support/kafka-broker/wait-until.js';
import { BATCH_TRANSPORT, KafkaModule } from './kafka.module.js';
import { KafkaEventLog } from './kafka-event-log.js';
import { BatchKafkaServer } from './batch-kafka.server.js';

const calls: string[] = [];

@Controller()
class Tracking {
  @EventPattern(topics.activity.name, { group: 'tracker' })
  track(batch: RecordBatch): Promise<number> {
    calls.push('tracker');
    if (calls.filter((call) => call === 'tracker').length === 1) throw new Error('the store is away');
    return Promise.resolve(batch.records.at(-1)!.offset + 1);
  }

  @EventPattern(topics.activity.name, { group: 'audit' })
  audit(batch: RecordBatch): Promise<number> {
    calls.push('audit');
    return Promise.resolve(batch.records.at(-1)!.offset + 1);
  }
}

const journal = new MemoryJournal();

@Module({ providers: [{ provide: JOURNAL, useValue: journal }], exports: [JOURNAL] })
class Store {}

describe('KafkaModule', () => {
  it('without brokers serves the handlers of every group from this process, durable by the journal', async () => {
    @Module({
      imports: [{ module: Store, global: true }, KafkaModule.forRoot(loadConfig(kafkaSettings, {}))],
      controllers: [Tracking],
    })
    class App {}
    const app = await NestFactory.create(App, new FastifyAdapter(), { logger: false });
    app.connectMicroservice({ strategy: app.get(BATCH_TRANSPORT) });
    await app.startAllMicroservices();
    await app.init();
    const log = app.get<EventLog>(EVENT_LOG);
    expect(app.get<Assignment>(ASSIGNMENT).assigned(topics.activity.name)).toEqual([0]);
    await log.append(topics.activity.name, [{ key: 'k', value: Buffer.from('v'), timestamp: epochMs(0) }]);
    await waitUntil(() => calls.length === 3, 10_000, 'both groups, one of them twice');
    expect(calls.sort()).toEqual(['audit', 'tracker', 'tracker']);
    expect(await journal.ends()).toMatchObject([{ topic: topics.activity.name, endOffset: 1 }]);
    await app.close();
    const late = log.append(topics.activity.name, [{ key: 'k', value: null, timestamp: epochMs(0) }]);
    await expect(late).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });

  it('with brokers uses Kafka', async () => {
    @Module({ imports: [KafkaModule.forRoot(loadConfig(kafkaSettings, { KAFKA_BROKERS: '127.0.0.1:1' }))] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    expect(app.get(EVENT_LOG)).toBeInstanceOf(KafkaEventLog);
    expect(app.get(BATCH_TRANSPORT)).toBeInstanceOf(BatchKafkaServer);
    await app.close();
  });
});
