import type { Journal, LogMessage, LogRecord, PartitionEnd } from '#pipeline';

/** A journal in memory that outlives the logs opened on it, as a store would. */
export class MemoryJournal implements Journal {
  readonly #partitions = new Map<string, { topic: string; partition: number; first: number; records: LogRecord[] }>();

  append(topic: string, partition: number, firstOffset: number, messages: readonly LogMessage[]): Promise<void> {
    const place = `${topic}/${partition}`;
    const known = this.#partitions.get(place) ?? { topic, partition, first: firstOffset, records: [] };
    messages.forEach(({ key, value, headers, timestamp }, index) =>
      known.records.push({ offset: firstOffset + index, key, value, headers: headers ?? {}, timestamp }),
    );
    this.#partitions.set(place, known);
    return Promise.resolve();
  }

  ends(): Promise<readonly PartitionEnd[]> {
    const ends = [...this.#partitions.values()].map(({ topic, partition, first, records }) => ({
      topic,
      partition,
      startOffset: first,
      endOffset: (records.at(-1)?.offset ?? first - 1) + 1,
    }));
    return Promise.resolve(ends);
  }

  read(topic: string, partition: number, fromOffset: number, limit: number): Promise<readonly LogRecord[]> {
    const records = this.#partitions.get(`${topic}/${partition}`)?.records ?? [];
    return Promise.resolve(records.filter(({ offset }) => offset >= fromOffset).slice(0, limit));
  }
}
