import { placeOf } from './ownership.js';

interface Position {
  readonly next: number;
  /** False: the reader was sent there, and nothing has come from there yet. */
  readonly isRead: boolean;
}

/**
 * How far each partition has been read, offsets without a record included: a producer's transaction markers and what it
 * aborted come to no handler, and a partition that ends with them would look unread for ever.
 */
export class ReadPositions {
  readonly #positions = new Map<string, Position>();

  begin(): void {
    this.#positions.clear();
  }

  /** Reading goes on at `next`, wherever it was. */
  sent(topic: string, partition: number, next: number): void {
    this.#positions.set(placeOf(topic, partition), { next, isRead: false });
  }

  /** Everything before `next` has been handled. */
  read(topic: string, partition: number, next: number): void {
    this.#positions.set(placeOf(topic, partition), { next, isRead: true });
  }

  /** A fetch brought these offsets and no record. One that was under way when the reader was sent elsewhere does not count. */
  passed(topic: string, partition: number, firstOffset: number, lastOffset: number): void {
    const position = this.#positions.get(placeOf(topic, partition));
    if (position !== undefined && firstOffset <= position.next && lastOffset >= position.next)
      this.read(topic, partition, lastOffset + 1);
  }

  of(topic: string, partition: number): number | null {
    const position = this.#positions.get(placeOf(topic, partition));
    return position?.isRead ? position.next : null;
  }
}
