import { customerId, DAY, epochMs, HOUR, tenantId } from '#domain';
import { identityHash, identityText } from './identity.js';
import { IdentityFilter } from './identity-filter.js';

const start = Date.UTC(2026, 2, 1);
const at = (hours: number) => epochMs(start + hours * HOUR);
const who = (id: string) => ({ tenant: tenantId('t'), customer: customerId('ada'), source: 'shop', id });
const hashOf = (id: number | string): bigint => identityHash(who(String(id)));

/** Follows partition p from an empty store on. */
function aFilter(bytes = 1 << 16): IdentityFilter {
  const filter = new IdentityFilter(bytes, DAY);
  filter.follow('p', epochMs(0));
  filter.turn(at(0));
  return filter;
}

describe('identities', () => {
  it('are told apart by each of their parts', () => {
    const base = who('1');
    const others = [
      { ...base, tenant: tenantId('u') },
      { ...base, customer: customerId('bea') },
      { ...base, source: 'sho', id: 'p1' },
      { ...base, id: '2' },
    ];
    expect(new Set([base, ...others].map(identityText)).size).toBe(5);
    expect(new Set([base, ...others].map(identityHash)).size).toBe(5);
  });
});

describe('the filter', () => {
  it('knows what it was told, in all partitions alike, and hardly anything else', () => {
    const filter = aFilter();
    const told = filter.capacity;
    for (let n = 0; n < told; n++) filter.add('p', hashOf(n), at(0));
    for (let n = 0; n < told; n += 7) expect(filter.knows('p', hashOf(n), at(1))).toBe(true);
    let mistaken = 0;
    for (let n = 0; n < 20_000; n++) if (filter.knows('p', hashOf(`stranger ${n}`), at(1))) mistaken++;
    // One in a hundred as full as this; it must be a filter and not a wall, nor too good to be one.
    expect(mistaken).toBeGreaterThan(20);
    expect(mistaken).toBeLessThan(400);
    expect(filter.room).toBeLessThan(told * 0.05);
  });

  it('relies on nothing about a partition it does not follow', () => {
    expect(aFilter().knows('q', hashOf(1), at(0))).toBe(true);
    expect(aFilter().knows('p', hashOf(1), at(0))).toBe(false);
  });

  it('relies on nothing about instants whose window reaches back to what it has not been told', () => {
    const filter = aFilter();
    filter.follow('p', at(0));
    expect(filter.knows('p', hashOf(1), at(24))).toBe(true);
    expect(filter.knows('p', hashOf(1), at(24.01))).toBe(false);
    filter.misses('p', at(3));
    filter.misses('p', at(2));
    expect(filter.knows('p', hashOf(1), at(27))).toBe(true);
    expect(filter.knows('p', hashOf(1), at(27.01))).toBe(false);
  });

  it('keeps what it was told for a window at least, and forgets it after two', () => {
    const filter = aFilter();
    filter.add('p', hashOf('early'), at(0));
    filter.turn(at(23));
    filter.add('p', hashOf('late'), at(23));
    filter.turn(at(24));
    filter.add('p', hashOf('later'), at(24));
    expect(['early', 'late', 'later'].map((id) => filter.knows('p', hashOf(id), at(47)))).toEqual([true, true, true]);
    filter.turn(at(48));
    // Two of them are out of it; for whose window may reach back to them it says so.
    expect(filter.knows('p', hashOf('late'), at(47))).toBe(true);
    expect(filter.knows('p', hashOf('late'), at(47.01))).toBe(false);
    expect(filter.knows('p', hashOf('later'), at(48))).toBe(true);
  });

  it('does not rely on itself where another partition ran ahead and turned it', () => {
    const filter = aFilter();
    filter.follow('q', epochMs(0));
    filter.add('q', hashOf('slow'), at(0));
    for (const hours of [30, 60, 90]) filter.turn(at(hours));
    filter.add('q', hashOf('slower'), at(1));
    expect(filter.knows('q', hashOf('slow'), at(20))).toBe(true);
    expect(filter.knows('q', hashOf('stranger'), at(20))).toBe(true);
    expect(filter.knows('q', hashOf('stranger'), at(24.01))).toBe(false);
  });

  it('does not turn back', () => {
    const filter = aFilter();
    filter.add('p', hashOf(1), at(0));
    for (let n = 0; n < 5; n++) {
      filter.turn(at(25));
      filter.turn(at(0));
    }
    expect(filter.knows('p', hashOf(1), at(20))).toBe(true);
    filter.turn(at(50));
    expect(filter.knows('p', hashOf(1), at(49))).toBe(false);
  });
});
