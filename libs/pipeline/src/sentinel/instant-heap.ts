/** What a heap holds: each thing knows its place, so that it can be moved or taken out where it is. */
export interface Timed {
  /** When it is due; only the heap's owner changes it, and calls `put` or `remove` then. */
  at: number;
  /** Where it stands in the heap; -1 outside. */
  place: number;
}

/** A queue by time with one slot for each thing, however often its time changes. */
export class InstantHeap<T extends Timed> {
  private readonly slots: T[] = [];

  peek(): T | undefined {
    return this.slots[0];
  }

  /** Takes a thing in, or moves it to where its new time belongs. */
  put(thing: T): void {
    if (thing.place < 0) thing.place = this.slots.push(thing) - 1;
    this.sink(this.rise(thing.place));
  }

  remove(thing: T): void {
    const { place } = thing;
    if (place < 0) return;
    thing.place = -1;
    const last = this.slots.pop()!;
    if (last === thing) return;
    this.slots[place] = last;
    last.place = place;
    this.sink(this.rise(place));
  }

  clear(): void {
    this.slots.length = 0;
  }

  private rise(from: number): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.slots[above]!.at <= this.slots[place]!.at) break;
      this.swap(place, above);
      place = above;
    }
    return place;
  }

  private sink(from: number): void {
    for (let place = from; ;) {
      const left = 2 * place + 1;
      const right = left + 1;
      let least = place;
      if (left < this.slots.length && this.slots[left]!.at < this.slots[least]!.at) least = left;
      if (right < this.slots.length && this.slots[right]!.at < this.slots[least]!.at) least = right;
      if (least === place) return;
      this.swap(place, least);
      place = least;
    }
  }

  private swap(one: number, other: number): void {
    const thing = this.slots[one]!;
    this.slots[one] = this.slots[other]!;
    this.slots[other] = thing;
    this.slots[one]!.place = one;
    thing.place = other;
  }
}
