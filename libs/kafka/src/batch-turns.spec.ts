import kafkajs from 'kafkajs';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { BatchHandler } from '#pipeline';
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

function aWorld(handler: BatchHandler) {
  const told: string[] = [];
  const timings = groupTimings(60);
  const turns = new BatchTurns({
    groupId: 'g',
    handlers: new Map([[topic, handler]]),
    timings,
    voice: { warn: (event) => void told.push(event), error: (event) => void told.push(event) },
    positions: new ReadPositions(),
    signOfLife: () => {},
    after: () => {},
    onFenced: () => {},
  });
  return { turns, told, timings, ownership: Ownership.of({ [topic]: [0] }) };
}

it('a turn ends and lets go of its partition though kafkajs answers neither heartbeat nor commit', async () => {
  const { turns, told, ownership } = aWorld(async ({ records, heartbeat }) => {
    await heartbeat();
    return records.at(-1)!.offset + 1;
  });
  const taken = turns.take({} as Consumer, ownership, silent);
  expect(turns.areRunning).toBe(true);
  await taken;
  expect(turns.areRunning).toBe(false);
  expect(told).toEqual(['commit-failed']);
});

it('has kafkajs join again when the membership turns out to be lost in a beat that outlasts the turn', async () => {
  const { turns, timings, ownership } = aWorld(async ({ records }) => {
    await new Promise((resolve) => setTimeout(resolve, timings.heartbeatMs * 1.5));
    return records.at(-1)!.offset + 1;
  });
  const lost = new kafkajs.KafkaJSProtocolError({ message: 'elsewhere', type: 'NOT_COORDINATOR_FOR_GROUP' } as never);
  // Its answer comes once the handler is done and its offset committed.
  let answer: () => void = () => {};
  const committed = new Promise<void>((resolve) => (answer = resolve));
  const beat = committed.then(() => Promise.reject(lost));
  const payload = {
    ...silent,
    heartbeat: () => beat,
    commitOffsetsIfNecessary: async () => void setTimeout(answer, 1),
  } as unknown as EachBatchPayload;
  await expect(turns.take({} as Consumer, ownership, payload)).rejects.toBe(lost);
  expect(ownership.signal.aborted).toBe(true);
});
