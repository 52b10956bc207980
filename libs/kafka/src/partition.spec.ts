import { Partitioners } from 'kafkajs';
import fc from 'fast-check';
import { partitionOf } from './partition.js';

describe('partitionOf', () => {
  // murmur2 values that Kafka's own tests publish (UtilsTest), sign bit masked.
  const known: readonly [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  it.each(known)('puts %j where the Java client puts it', (key, murmur2) => {
    for (const count of [1, 3, 12, 1_000]) expect(partitionOf(key, count)).toBe((murmur2 & 0x7fffffff) % count);
  });

  it('agrees with the default partitioner of kafkajs on any key', () => {
    const partitioner = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({
      partitionId,
      leader: 1,
      partitionErrorCode: 0,
      replicas: [],
      isr: [],
    }));
    const theirs = (key: string): number =>
      partitioner({ topic: 't', partitionMetadata, message: { key, value: null } });
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (key) => partitionOf(key, 7) === theirs(key)));
  });
});
