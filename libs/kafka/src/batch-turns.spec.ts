import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { RecordBatch } from '#pipeline';
import { BatchTurns } from './batch-turns.js';
import { groupTimings } from './group-timings.js';
import { Ownership } from './ownership.js';
import { ReadPositions } from './read-positions.js';

const topic = 'touched';
const never = new Promise<never>(() => {});
const message = { key: null, value: Buffer.from('x'), timestamp: '0', attributes: 0, offset: '7', headers: {} };

/** What kafkajs hands over, as it is when the brokers went and came at a bad moment: it answers nothing. */
const silent = {
  batch: { topic, partition: 0, messages: [message], highWatermark: '8', lastOffset: () => '7' },
  heartbeat: () => never,
  commitOffsetsIfNecessary: () => never,
  resolveOffset: () => {},
  pause: () => () => {},
} as unknown as EachBatchPayload;

it('a turn ends and lets go of its partition though kafkajs answers neither heartbeat nor commit', async () => {
  const told: string[] = [];
  const turns = new BatchTurns({
    groupId: 'g',
    handlers: new Map([
      [
        topic,
        async ({ records, heartbeat }: RecordBatch) => {
          await heartbeat();
          return records.at(-1)!.offset + 1;
        },
      ],
    ]),
    timings: groupTimings(60),
    voice: { warn: (event) => void told.push(event), error: (event) => void told.push(event) },
    positions: new ReadPositions(),
    signOfLife: () => {},
    after: () => {},
    onFenced: () => {},
  });
  const taken = turns.take({} as Consumer, Ownership.of({ [topic]: [0] }), silent);
  expect(turns.areRunning).toBe(true);
  await taken;
  expect(turns.areRunning).toBe(false);
  expect(told).toEqual(['commit-failed']);
});
