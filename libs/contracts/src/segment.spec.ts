import { epochMs, tenantId } from '#domain';
import { segmentCallOf, segmentEnvelope } from './segment.js';

const now = epochMs(Date.UTC(2026, 2, 1, 12));
const arrival = { tenant: tenantId('default'), now, receivedAt: now };
const track = (over: object, sentAt?: unknown) =>
  segmentEnvelope('track', { messageId: 'm', userId: 'ada', event: 'Order Completed', ...over }, arrival, sentAt);

describe('a Segment call', () => {
  it.each([
    [{ type: 'track' }, 'track'],
    [{ type: 'identify' }, 'identify'],
    [{ type: 'alias' }, undefined],
    [{ type: 'page', specversion: '1.0' }, undefined],
    [{ type: 'order' }, undefined],
    [null, undefined],
    [[], undefined],
  ])('is recognised by its shape: %j', (body, call) => {
    expect(segmentCallOf(body)).toBe(call);
  });

  it.each([
    [{ revenue: 9.5, sku: 'a' }, 9.5, { sku: 'a' }],
    [{ revenue: '9.5' }, 9.5, {}],
    [{ total: 7, value: 1 }, 7, { value: 1 }],
    [{ revenue: 'much', amount: 3 }, 3, { revenue: 'much' }],
    [{ revenue: ' ' }, undefined, { revenue: ' ' }],
    [{}, undefined, {}],
  ])('finds the amount in %j', (properties, amount, attributes) => {
    expect(track({ properties })['data']).toMatchObject({ amount, attributes });
  });

  it('tells platform and version from its context', () => {
    const phone = track({ context: { os: { name: 'iOS' }, app: { version: '2.1' }, library: { name: 'ios-sdk' } } });
    expect(phone).toMatchObject({ source: 'segment/ios-sdk', data: { platform: 'ios', appVersion: '2.1' } });
    expect(track({ context: { page: { path: '/' } } })['data']).toMatchObject({ platform: 'web' });
  });

  it.each([
    ['as said when nothing tells when it was sent', '2026-03-01T11:00:00Z', undefined, '2026-03-01T11:00:00Z'],
    ['by the span before its sending', '2019-01-01T10:00:00Z', '2019-01-01T10:00:30Z', '2026-03-01T11:59:30.000Z'],
    [
      'as said when it claims to follow its sending',
      '2026-03-01T11:00:00Z',
      '2026-03-01T10:00:00Z',
      '2026-03-01T11:00:00Z',
    ],
    ['as said when the sending cannot be read', '2026-03-01T11:00:00Z', 'now', '2026-03-01T11:00:00Z'],
    ['not at all when it says nothing', undefined, '2026-03-01T10:00:00Z', undefined],
  ])('is placed in time %s', (_how, timestamp, sentAt, expected) => {
    expect(track({ timestamp }, sentAt)['time']).toBe(expected);
  });

  it('gets an id of its own when it brings none', () => {
    const [a, b] = [track({ messageId: undefined })['id'], track({ messageId: undefined })['id']];
    expect(typeof a).toBe('string');
    expect(a).not.toBe(b);
  });
});
