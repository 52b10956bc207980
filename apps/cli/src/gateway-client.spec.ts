import { GatewayClient, readRetryAfter } from './gateway-client.js';
import { startSmallGateway } from './testing/small-gateway.js';

const event = (id: string) => ({ id, type: 'login', subject: 'ada', time: '2026-01-01T00:00:00Z' });

describe('the gateway client', () => {
  let gateway: Awaited<ReturnType<typeof startSmallGateway>>;
  let pauses: number[];
  const client = (patienceMs = 60_000) =>
    new GatewayClient(gateway.url, { patienceMs, pause: async (ms) => void pauses.push(ms) });

  beforeEach(async () => {
    gateway = await startSmallGateway();
    pauses = [];
  });
  afterEach(() => gateway.close());

  it('sends a CloudEvents batch and gives the outcome of each event', async () => {
    const outcomes = await client().send([event('1'), { ...event('2'), type: 'nonsense' }]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected']);
    expect(gateway.requests[0]!.contentType).toBe('application/cloudevents-batch+json');
  });

  it('takes a batch that was refused as a whole as answered', async () => {
    const outcomes = await client().send([{ ...event('1'), type: 'nonsense' }]);
    expect(outcomes).toMatchObject([{ outcome: 'rejected', reason: 'unknown-type' }]);
  });

  it('waits as long as the gateway asks for', async () => {
    gateway.troubles.push({ status: 429, retryAfter: '7' }, { status: 503, retryAfter: '2' });
    expect(await client().send([event('1')])).toHaveLength(1);
    expect(pauses).toEqual([7_000, 2_000]);
  });

  it('tries again, ever more slowly, when the connection breaks', async () => {
    gateway.troubles.push('hang up', 'hang up', { status: 500 });
    expect(await client().send([event('1')])).toHaveLength(1);
    expect(pauses).toEqual([250, 500, 1_000]);
  });

  it('gives up when its patience ends', async () => {
    gateway.troubles.push({ status: 503, retryAfter: '40' }, { status: 503, retryAfter: '40' });
    await expect(client().send([event('1')])).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE', retryable: true });
    expect(pauses).toEqual([40_000]);
  });

  it('does not insist where no gateway is', async () => {
    gateway.troubles.push({ status: 404 });
    await expect(client().send([event('1')])).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE', retryable: false });
  });
});

describe('Retry-After', () => {
  it('is read as seconds or as a date', () => {
    expect(readRetryAfter('3')).toBe(3_000);
    expect(readRetryAfter('Thu, 01 Jan 2026 00:00:10 GMT', Date.UTC(2026, 0, 1))).toBe(10_000);
    expect(readRetryAfter('Thu, 01 Jan 2026 00:00:10 GMT', Date.UTC(2026, 0, 2))).toBe(0);
    expect(readRetryAfter('soon')).toBeNull();
    expect(readRetryAfter(null)).toBeNull();
  });
});
