import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActivityEvent } from '#domain';
import { isoOf, tenantId } from '#domain';
import { openHouseholds } from './households.js';

describe('the Complete Journey households', () => {
  const feed = openHouseholds({ tenant: tenantId('grocer') });
  const events = [...feed.events()];
  const of = (type: ActivityEvent['type']) => events.filter((event) => event.type === type);

  it('holds every basket, mailing and redemption of the files', () => {
    expect(of('order')).toHaveLength(47_243);
    expect(of('campaign_sent')).toHaveLength(6_589);
    expect(of('campaign_redeemed')).toHaveLength(2_102);
    expect(feed.total).toBe(47_243 + 6_589 + 2_102);
    expect(events).toHaveLength(feed.total);
  });

  it('knows 2,377 households with a basket and two that only got letters', () => {
    expect(new Set(of('order').map((event) => event.customer)).size).toBe(2_377);
    expect(new Set(events.map((event) => event.customer)).size).toBe(2_379);
  });

  it('adds up to the money and the lines in the file', () => {
    const cents = of('order').reduce((sum, event) => sum + Math.round(event.amount! * 100), 0);
    expect(cents).toBe(23_393_524);
    expect(of('order').reduce((sum, event) => sum + (event.attributes['lines'] as number), 0)).toBe(75_000);
  });

  it('comes in time order, within its span, with ids of their own', () => {
    expect(events.filter((event, i) => i > 0 && event.occurredAt < events[i - 1]!.occurredAt)).toEqual([]);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    expect(isoOf(feed.startAt)).toBe('2016-11-14T00:00:00.000Z');
    expect(isoOf(events[0]!.occurredAt)).toBe('2016-11-14T09:00:00.000Z');
    expect(isoOf(of('order')[0]!.occurredAt)).toBe('2017-01-01T12:30:27.000Z');
    expect(isoOf(events.at(-1)!.occurredAt)).toBe('2018-01-01T03:47:38.000Z');
    expect(isoOf(feed.endAt)).toBe('2018-01-02T00:00:00.000Z');
  });

  it('spells a basket out as an order', () => {
    expect(of('order').find((event) => event.id === 'basket-31625220889')).toEqual({
      tenant: 'grocer',
      id: 'basket-31625220889',
      source: 'complete-journey',
      type: 'order',
      customer: 'household-2261',
      occurredAt: Date.parse('2017-01-28T19:06:53Z'),
      receivedAt: Date.parse('2017-01-28T19:06:53Z'),
      amount: expect.any(Number),
      platform: 'store',
      channel: '',
      appVersion: '',
      attributes: { store: '309', lines: expect.any(Number), discounts: expect.any(Number) },
    });
  });

  it('puts redemptions into opening hours of their day, and reads the same twice', () => {
    for (const event of of('campaign_redeemed')) {
      const hour = new Date(event.occurredAt).getUTCHours();
      expect(hour >= 10 && hour < 20).toBe(true);
      expect(event.id.endsWith(isoOf(event.occurredAt).slice(0, 10))).toBe(true);
    }
    const again = [...openHouseholds({ tenant: tenantId('grocer') }).events()];
    expect(JSON.stringify(again) === JSON.stringify(events)).toBe(true);
  });

  it('says which file is missing', () => {
    const empty = mkdtempSync(join(tmpdir(), 'households-'));
    try {
      expect(() => openHouseholds({ directory: empty })).toThrow(/transactions-sample\.csv\.gz .* cannot be read/);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
