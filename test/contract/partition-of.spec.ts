import { query } from 'chdb';
import { partitionOf } from '#kafka';

describe('partitionOf and ClickHouse', () => {
  it('send every key to the same partition', () => {
    const keys = Array.from({ length: 2_000 }, (_, i) => `${'x'.repeat(i % 11)}客户-${i * 7919}`);
    const sql = `SELECT arrayMap(key -> kafkaMurmurHash(key) % 12, ['${keys.join("','")}']) FORMAT TSVRaw`;
    const theirs: unknown = JSON.parse(String(query(sql)));
    expect(theirs).toEqual(keys.map((key) => partitionOf(key, 12)));
  });
});
