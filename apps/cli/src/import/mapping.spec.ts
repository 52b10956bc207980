import type { Mapping } from './mapping.js';
import { mapRow, parseColumns, readTime } from './mapping.js';

const mapping: Mapping = {
  columns: { customer: 'who', time: 'when', amount: 'total' },
  types: null,
  type: 'order',
  attributes: ['store', 'note'],
  utcOffset: '+08:00',
  source: 'shop',
};

describe('a mapped row', () => {
  it('becomes a CloudEvent named by its number', () => {
    const row = { who: 'ada', when: '2026-01-02 03:04:05', total: '12.5', store: '7', note: '', other: 'x' };
    expect(mapRow(row, 9, mapping)).toEqual({
      kind: 'event',
      event: {
        specversion: '1.0',
        id: 'row-9',
        source: 'shop',
        type: 'order',
        subject: 'ada',
        time: '2026-01-02T03:04:05+08:00',
        data: { amount: 12.5, platform: '', channel: '', appVersion: '', attributes: { store: '7' } },
      },
    });
  });

  it.each([
    [{ who: ' ', when: '2026-01-02' }, /"who" names no customer/],
    [{ who: 'ada', when: 'yesterday' }, /"when" holds no time/],
    [{ who: 'ada', when: '2026-01-02', total: '1,5' }, /"total" holds no number/],
  ])('is rejected when it lacks what an event needs: %j', (row, detail) => {
    expect(mapRow(row, 1, mapping)).toEqual({ kind: 'rejected', detail: expect.stringMatching(detail) as unknown });
  });

  it('keeps an id of its own', () => {
    const own = { ...mapping, columns: { ...mapping.columns, id: 'key' } };
    expect(mapRow({ who: 'ada', when: '2026-01-02', key: 'k1' }, 1, own)).toMatchObject({ event: { id: 'k1' } });
  });

  it('is left as it is when it is an event already', () => {
    const event = { id: 'a', source: 'crm', type: 'login', subject: 'ada' };
    expect(mapRow(event, 1, { ...mapping, columns: null })).toEqual({
      kind: 'event',
      event: { ...event, specversion: '1.0' },
    });
  });
});

describe('times', () => {
  it.each([
    ['2026-01-02', '2026-01-02T00:00:00Z'],
    ['2026/1/2 3:04', '2026-01-02T03:04:00Z'],
    ['2026-01-02T03:04:05.123Z', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02T03:04:05+0530', '2026-01-02T03:04:05+05:30'],
    ['1767322800', '2026-01-02T03:00:00.000Z'],
    ['1767322800123', '2026-01-02T03:00:00.123Z'],
    ['01/02/2026', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(readTime(text, 'Z')).toBe(expected);
  });
});

describe('--map', () => {
  it('reads pairs and names the bad part', () => {
    expect(parseColumns('customer=user id, time=ts')).toEqual({ customer: 'user id', time: 'ts' });
    expect(() => parseColumns('customer')).toThrow(/"customer" is not FIELD=COLUMN/);
    expect(() => parseColumns('user=x')).toThrow(/no field "user"/);
  });
});
