const seed = 0x9747b28c;
const mix = 0x5bd1e995;

/**
 * Where Kafka's own clients send a key: murmur2 of its UTF-8 bytes, sign bit masked, modulo the partition count.
 * ClickHouse's `kafkaMurmurHash(key) % count` says the same, so a store can find a customer's partition by itself.
 */
export const partitionOf = (key: string, count: number): number => (murmur2(Buffer.from(key)) & 0x7fffffff) % count;

/** Kafka's variant of murmur2 (org.apache.kafka.common.utils.Utils), a signed 32-bit number. */
function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const whole = length & ~3;
  const at = (index: number): number => bytes[index]!;
  let hash = seed ^ length;
  for (let i = 0; i < whole; i += 4) {
    let block = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    block = Math.imul(block, mix);
    block ^= block >>> 24;
    hash = Math.imul(hash, mix) ^ Math.imul(block, mix);
  }
  const rest = length - whole;
  if (rest === 3) hash ^= at(whole + 2) << 16;
  if (rest >= 2) hash ^= at(whole + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ at(whole), mix);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, mix);
  return hash ^ (hash >>> 15);
}
