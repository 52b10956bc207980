import type { Observation } from '#pipeline';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

let app: Standalone;
const seen: Observation[] = [];
const start = async (env: Readonly<Record<string, string>> = {}, dataDir?: string): Promise<void> => {
  app = await startStandalone({
    env,
    observer: (each) => void seen.push(each),
    ...(dataDir === undefined ? {} : { dataDir }),
  });
};
beforeAll(() => start(), 60_000);
afterAll(async () => {
  await app?.stop();
  app?.forget();
});

interface CloudEvent {
  readonly id: string;
  readonly source?: string;
  readonly subject?: string;
  readonly type?: string;
}
const anOrder = (event: CloudEvent) => ({
  specversion: '1.0',
  source: 'shop',
  type: 'order',
  subject: 'ada',
  time: new Date(Date.now() - 86_400_000).toISOString(),
  ...event,
  data: { amount: 10 },
});

async function post(type: string, body: unknown): Promise<void> {
  const headers = { 'content-type': type };
  const response = await fetch(`${app.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(202);
}
const send = (event: CloudEvent) => post('application/cloudevents+json', anOrder(event));
const sendTogether = (...events: CloudEvent[]) =>
  post(
    'application/cloudevents-batch+json',
    events.map((event) => anOrder(event)),
  );

interface Counted {
  readonly orders: number;
  readonly amount: number;
  readonly timeline: number;
}
async function counted(customer: string): Promise<Counted> {
  const response = await fetch(`${app.url}/v1/customers/${customer}`);
  if (response.status === 404) return { orders: 0, amount: 0, timeline: 0 };
  const { windows, timeline } = (await response.json()) as {
    windows: { type: string; count: number; amount: number }[];
    timeline: { kind: string; type: string }[];
  };
  const orders = windows.filter(({ type }) => type === 'order');
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    orders: sum(orders.map(({ count }) => count)),
    amount: sum(orders.map(({ amount }) => amount)),
    timeline: timeline.filter(({ kind, type }) => kind === 'event' && type === 'order').length,
  };
}
const times = (n: number): Counted => ({ orders: n, amount: n * 10, timeline: n });
const leftOut = (): number => seen.reduce((sum, each) => (each.kind === 'duplicates' ? sum + each.count : sum), 0);

let marks = 0;
/** A later event of the same customer is through, and so is everything before it. */
async function whenThrough(customer: string, expected: number): Promise<Counted> {
  await send({ id: `mark ${++marks}`, subject: customer });
  await until('the mark', async () => (await counted(customer)).orders >= expected + marks);
  const { orders, amount, timeline } = await counted(customer);
  return { orders: orders - marks, amount: amount - marks * 10, timeline: timeline - marks };
}

describe('an event that its producer sends again', () => {
  it('is taken in once more, and counted once', async () => {
    for (let time = 0; time < 3; time++) await send({ id: '1' });
    expect(await whenThrough('ada', 1)).toEqual(times(1));
    await until('it is told of', () => leftOut() === 2);
  });

  it('is counted once within one request too', async () => {
    await sendTogether({ id: '2' }, { id: '3' }, { id: '2' }, { id: '1' });
    expect(await whenThrough('ada', 3)).toEqual(times(3));
    await until('it is told of', () => leftOut() === 4);
  });

  it('is another one under another source', async () => {
    await sendTogether({ id: '1', source: 'till' }, { id: '1', source: 'till' });
    expect(await whenThrough('ada', 4)).toEqual(times(4));
  });

  it('is another one of another customer', async () => {
    await sendTogether({ id: '1', subject: 'bea' }, { id: '1', subject: 'bea' });
    await until('it is there', async () => (await counted('bea')).orders > 0);
    expect(await counted('bea')).toEqual(times(1));
  });

  it('is known to the process that comes after', async () => {
    await app.stop();
    await start({}, app.dataDir);
    await sendTogether({ id: '1' }, { id: '3' }, { id: '4' });
    expect(await whenThrough('ada', 5)).toEqual(times(5));
  });

  it('counts again where recognition is switched off', async () => {
    await app.stop();
    await start({ DUPLICATES_WINDOW_HOURS: '0' }, app.dataDir);
    await sendTogether({ id: '1' }, { id: '4' });
    expect(await whenThrough('ada', 7)).toEqual(times(7));
  });
});
