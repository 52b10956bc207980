import type { ActivityEvent, EpochMs } from '#domain';
import { customerId, DAY, epochMs, HOUR, plus, tenantId } from '#domain';
import { Duplicates } from './duplicates.js';
import type { Chunk } from '../ports/window-store.js';
import { MemoryIdentityStore } from '../testing/memory-identity-store.js';

const start = epochMs(Date.UTC(2026, 2, 1));
const at = (hours: number): EpochMs => plus(start, hours * HOUR);

type Placed = ActivityEvent & { readonly offset: number };
function anEvent(id: string, receivedAt: EpochMs, more: Partial<ActivityEvent> = {}): ActivityEvent {
  return {
    tenant: tenantId('t'),
    id,
    source: 'shop',
    type: 'order',
    customer: customerId('ada'),
    occurredAt: receivedAt,
    receivedAt,
    amount: 1,
    platform: '',
    channel: '',
    appVersion: '',
    attributes: {},
    ...more,
  };
}

/** One partition and a store; whoever sifts comes and goes. */
class World {
  readonly store: MemoryIdentityStore;
  private next = 0;
  owner = new AbortController().signal;
  duplicates: Duplicates;
  now = at(24 * 365);

  constructor(
    private readonly memoryBytes = 1 << 20,
    pageSize = 100,
  ) {
    this.store = new MemoryIdentityStore(pageSize);
    this.duplicates = this.another();
  }

  another(): Duplicates {
    const { store, memoryBytes } = this;
    return new Duplicates({ store, clock: { now: () => this.now }, windowMs: DAY, memoryBytes });
  }

  /** The process dies and another one comes. */
  restart(): void {
    this.owner = new AbortController().signal;
    this.duplicates = this.another();
  }

  chunkOf(events: readonly ActivityEvent[], partition = 0): { chunk: Chunk; placed: Placed[] } {
    const firstOffset = this.next;
    this.next += events.length;
    const placed = events.map((event, index) => Object.assign(event, { offset: firstOffset + index }));
    return { chunk: { topic: 'a', partition, epoch: 0, firstOffset, lastOffset: this.next - 1 }, placed };
  }

  async sift(events: readonly ActivityEvent[], partition = 0) {
    const { chunk, placed } = this.chunkOf(events, partition);
    const sifted = await this.duplicates.sift(chunk, placed, this.owner);
    this.store.keep(chunk, sifted.fresh);
    return sifted;
  }

  async freshOf(...events: ActivityEvent[]): Promise<string[]> {
    return (await this.sift(events)).fresh.map(({ id }) => id);
  }
}

describe('repeats of a producer', () => {
  it('are left out, in one chunk and across chunks, in a new process too', async () => {
    const world = new World();
    expect(await world.freshOf(anEvent('1', at(0)), anEvent('2', at(0)), anEvent('1', at(0)))).toEqual(['1', '2']);
    expect(await world.freshOf(anEvent('2', at(1)), anEvent('3', at(1)))).toEqual(['3']);
    world.restart();
    expect(await world.freshOf(anEvent('3', at(2)), anEvent('1', at(2)), anEvent('4', at(2)))).toEqual(['4']);
  });

  it('have the same tenant, customer, source and id, whatever else they say', async () => {
    const world = new World();
    await world.freshOf(anEvent('1', at(0)));
    const others = [{ tenant: tenantId('u') }, { customer: customerId('bea') }, { source: 'till' }];
    expect(await world.freshOf(...others.map((other) => anEvent('1', at(0), other)))).toEqual(['1', '1', '1']);
    expect(await world.freshOf(anEvent('1', at(0), { type: 'refund', amount: 7, occurredAt: at(-3) }))).toEqual([]);
  });

  it('count again once a window has passed since they were counted', async () => {
    const world = new World();
    await world.freshOf(anEvent('1', at(0)));
    expect(await world.freshOf(anEvent('1', at(24)))).toEqual([]);
    // The repeat left out at hour 24 does not prolong it.
    expect(await world.freshOf(anEvent('1', plus(at(24), 1)), anEvent('1', at(25)))).toEqual(['1']);
    expect(await world.freshOf(anEvent('1', at(48)))).toEqual([]);
    expect(await world.freshOf(anEvent('1', at(49)))).toEqual(['1']);
  });

  it('are known by their place in the log, not by what clocks say', async () => {
    const world = new World();
    expect(await world.freshOf(anEvent('1', at(10)), anEvent('1', at(9)))).toEqual(['1']);
    expect(await world.freshOf(anEvent('1', at(8)))).toEqual([]);
    expect(await world.freshOf(anEvent('1', at(-15)))).toEqual(['1']);
  });

  it('are counted for what they are', async () => {
    const world = new World();
    await world.freshOf(anEvent('1', at(0)));
    const { repeats, asked } = await world.sift(['1', '2', '1', '2', '3'].map((id) => anEvent(id, at(1))));
    expect({ repeats, asked }).toEqual({ repeats: 3, asked: 3 });
  });
});

describe('a chunk that is repeated', () => {
  it('comes to the same rows whatever part of it is stored, and whoever repeats it', async () => {
    const world = new World();
    await world.freshOf(anEvent('0', at(0)));
    const { chunk, placed } = world.chunkOf(['1', '0', '2', '1', '3'].map((id) => anEvent(id, at(1))));
    const rows = async () => (await world.duplicates.sift(chunk, placed, world.owner)).fresh;
    const first = await rows();
    expect(first.map(({ offset }) => offset)).toEqual([1, 3, 5]);
    expect(await rows()).toEqual(first);
    world.store.keep(chunk, first.slice(1));
    expect(await rows()).toEqual(first);
    world.restart();
    expect(await rows()).toEqual(first);
    world.store.keep(chunk, first);
    expect(await rows()).toEqual(first);
    world.restart();
    expect(await rows()).toEqual(first);
    expect(await world.freshOf(anEvent('3', at(2)), anEvent('4', at(2)))).toEqual(['4']);
  });
});

describe('the store', () => {
  it('is not asked about what the filter knows to be new', async () => {
    const world = new World();
    for (let hour = 0; hour < 100; hour++)
      await world.sift(Array.from({ length: 10 }, (_, n) => anEvent(`${hour}-${n}`, at(hour))));
    expect(world.store.asked).toEqual([]);
  });

  it('is asked when a partition came from somebody who counted more than this one saw', async () => {
    const world = new World();
    await world.freshOf(anEvent('1', at(0)));
    const [here, elsewhere] = [world.duplicates, world.another()];
    world.owner = new AbortController().signal;
    world.duplicates = elsewhere;
    await world.freshOf(anEvent('2', at(1)));
    world.owner = new AbortController().signal;
    world.duplicates = here;
    expect(await world.freshOf(anEvent('2', at(2)), anEvent('3', at(2)))).toEqual(['3']);
  });

  it('is asked about the rest when it holds more than fits into the filter', async () => {
    const world = new World(2_048, 50);
    const count = 2_000;
    for (let n = 0; n < count; n += 500)
      await world.sift(Array.from({ length: 500 }, (_, m) => anEvent(String(n + m), at((n + m) / 200))));
    world.restart();
    const again = Array.from({ length: count }, (_, n) => anEvent(String(n), at(11)));
    expect((await world.sift(again)).repeats).toBe(count);
  });

  it('answers in pages between which the filter may turn', async () => {
    const world = new World(1 << 20, 2);
    await world.sift(Array.from({ length: 9 }, (_, n) => anEvent(String(n), at(n / 10)), 0));
    world.restart();
    let ahead = 24;
    const turnings: Promise<unknown>[] = [];
    world.store.onAnswer = () => {
      world.store.onAnswer = () => {};
      for (let turn = 0; turn < 4; turn++)
        turnings.push(
          world.duplicates.sift(world.chunkOf([], 1).chunk, [anEvent('x', at((ahead += 25)))], world.owner),
        );
    };
    const again = Array.from({ length: 9 }, (_, n) => anEvent(String(n), at(1)));
    expect((await world.sift(again)).repeats).toBe(9);
    await Promise.all(turnings);
  });

  it('that fails while a partition is taken up is asked again', async () => {
    const world = new World();
    await world.freshOf(anEvent('1', at(0)));
    world.restart();
    world.store.onAnswer = () => {
      throw new Error('away');
    };
    await expect(world.freshOf(anEvent('1', at(1)))).rejects.toThrow('away');
    world.store.onAnswer = () => {};
    expect(await world.freshOf(anEvent('1', at(1)), anEvent('2', at(1)))).toEqual(['2']);
  });

  it('is asked more often about a partition with a clock years ahead, and about no other', async () => {
    const world = new World();
    world.now = at(100);
    await world.freshOf(anEvent('1', at(0)), anEvent('far', at(24 * 3_650)));
    for (let hour = 1; hour < 90; hour++) {
      world.now = at(100 + hour);
      await world.sift([anEvent(`h${hour}`, world.now)], 1);
    }
    expect(world.store.asked).toEqual([]);
    expect((await world.sift([anEvent('h80', at(190))], 1)).repeats).toBe(1);
    expect(await world.freshOf(anEvent('2', at(190)), anEvent('far', at(24 * 3_649)))).toEqual(['2']);
  });
});
