import { intakeTopics } from '#contracts';
import type { Random } from '../../libs/simulator/src/random.js';

const envelope = (change: Readonly<Record<string, unknown>>): Buffer =>
  Buffer.from(
    JSON.stringify({ specversion: '1.0', source: 'fuzz', id: 'x', type: 'order', subject: 'nobody', ...change }),
  );
const nested = (depth: number): unknown => (depth === 0 ? 1 : { deeper: nested(depth - 1) });
const noise = (random: Random): Buffer =>
  // The first byte begins no JSON.
  Buffer.from([0xff, ...Array.from({ length: random.whole(0, 300) }, () => random.whole(0, 255))]);

const kinds: readonly ((random: Random) => Buffer)[] = [
  noise,
  (random) => {
    const whole = envelope({ data: { amount: 1 } });
    return whole.subarray(0, random.whole(1, whole.length - 1));
  },
  () => Buffer.alloc(0),
  () => Buffer.from('null'),
  () => Buffer.from('[]'),
  () => Buffer.from('{}'),
  () => Buffer.from('"\u0000"'),
  () => envelope({ type: 'no-such-thing' }),
  () => envelope({ type: ['order'] }),
  () => envelope({ id: 7 }),
  () => envelope({ subject: '' }),
  () => envelope({ subject: 'a\u0000b' }),
  () => envelope({ time: 'yesterday' }),
  () => envelope({ time: '1970-01-01T00:00:00Z' }),
  () => envelope({ time: '2099-01-01T00:00:00Z' }),
  () => envelope({ time: '2031-02-30T00:00:00Z' }),
  () => envelope({ data: { amount: 'much' } }),
  () => envelope({ data: { platform: 5 } }),
  () => envelope({ data: { attributes: nested(40) } }),
  () => envelope({ data: { deep: nested(40) } }),
  () => envelope({ data: { long: 'x'.repeat(70_000) } }),
  () => envelope({ specversion: '9' }),
  () => Buffer.from('['.repeat(20_000)),
];

/** A record no decoder may take, for one of the intake topics. */
export function malformed(random: Random): { readonly topic: string; readonly bytes: Buffer } {
  const topic = random.pick(Object.values(intakeTopics)).name;
  return { topic, bytes: random.pick(kinds)(random) };
}
