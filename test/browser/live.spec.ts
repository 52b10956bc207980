import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { DAY, HOUR, SECOND } from '#domain';
import { describeWithBrowser } from '../support/browser.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';
import { buildConsoleIfStale } from './built-console.js';

const patience = 20_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** The console on the real API, over the real engine: what happened to customers reaches the screen by itself. */
await describeWithBrowser('the console on the real app', (browser) => {
  let app: Standalone;
  let visit: Visit;

  beforeAll(async () => {
    await buildConsoleIfStale();
    app = await startStandalone({ env: { PACK: 'app' } });
    await send([
      ...[30, 20, 10].map((seconds) => ({ type: 'crash', subject: 'ada', time: ago(seconds * SECOND) })),
      ...[9, 6, 4, 2, 1].map((days) => ({ type: 'session_start', subject: 'ada', time: ago(days * DAY) })),
      ...[8, 5, 3, 1].map((days) => ({ type: 'session_start', subject: 'bea', time: ago(days * DAY) })),
      { type: 'complaint_opened', subject: 'bea', time: ago(80 * HOUR) },
      { type: 'order', subject: 'cem', time: ago(7 * DAY), data: { amount: 42.5, currency: 'EUR' } },
      { type: 'complaint_opened', subject: 'cem', time: ago(80 * HOUR) },
    ]);
    visit = await beginVisit(browser);
  }, 120_000);
  afterAll(async () => {
    await visit?.context.close();
    await app?.stop();
    app?.forget();
  });

  const send = async (
    events: readonly { type: string; subject: string; time: string; data?: unknown }[],
  ): Promise<void> => {
    const body = events.map((event) => ({ specversion: '1.0', id: crypto.randomUUID(), source: 'live', ...event }));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const answer = await fetch(`${app.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect([answer.status, await answer.json()]).toMatchObject([202, { rejected: 0 }]);
  };
  const open = async (route: string, query = ''): Promise<Page> => {
    await visit.page.goto(`${app.url}/${query}#${route}`);
    await visit.page.locator('[data-freshness].fresh').waitFor();
    return visit.page;
  };

  it('counts the base, its events and the flags that are up', async () => {
    const page = await open('/');
    await shows(page.locator('[data-tile="customers"] b'), /^3$/);
    await shows(page.locator('[data-tile="events"] b'), /^15$/);
    await shows(page.locator('[data-tile="raised"] b'), /^3$/);
    await shows(page.locator('[data-tile="delivered"] b'), /^6$/);
    const raised = (rule: string) => page.locator(`[data-rule="${rule}"] [data-column="raised"]`);
    await shows(raised('crash-spike'), '1');
    await shows(raised('complaint-open-too-long'), '2');
    await shows(raised('activity-drop'), '0');
  });

  it('tells the alert with its reason, in English and in Chinese', async () => {
    const page = await open('/');
    const card = page.locator('[data-alert]').filter({ has: page.getByRole('link', { name: 'ada', exact: true }) });
    await shows(card, 'The app keeps crashing for this customer');
    await shows(card, 'Crashes in 24 hours: 3.');
    await shows(card, 'Apologise and fix');
    await shows(card, 'email Delivered');
    await shows(card, 'topic Delivered');
    await page.getByRole('button', { name: '中文' }).click();
    await shows(card, '客户端频繁闪退');
    await shows(card, '24 小时内闪退 3 次。');
    await shows(card, '致歉并修复');
    await page.getByRole('button', { name: 'English' }).click();
    await shows(card, 'Crashes in 24 hours: 3.');
  });

  it('shows one customer: the days with a marker, the flags, and what was known when one was raised', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'ada', exact: true }).first().click();
    await shows(page.locator('h1'), 'Customer ada');
    const chart = page.getByRole('img', { name: /8 events, flags fired 1 times and cleared 0 times/ });
    await chart.waitFor();
    const marker = await chart.locator('.marker').getAttribute('title');
    expect(marker).toMatch(/^Fired: The app keeps crashing for this customer, /);
    const flag = page.locator('[data-flag="crash-spike"]');
    await shows(flag, 'Firing');
    await shows(flag, 'Condition met');
    await shows(page.locator('[data-signal="crashes_24h"]'), '3 crashes');
    const move = page.locator('.entry-move').first();
    await shows(move, 'Clear→Firing');
    await shows(move, 'Crashes in the last 24 hours3 crashes');
  });

  it('marks what was decided however much has happened since', async () => {
    const page = await open('/customers/bea', '?lang=en');
    await page.getByRole('img', { name: /5 events, flags fired 1 times and cleared 0 times/ }).waitFor();
    await send([{ type: 'complaint_closed', subject: 'bea', time: ago(HOUR) }]);
    await page.getByRole('img', { name: /6 events, flags fired 1 times and cleared 1 times/ }).waitFor();
    // More than the timeline holds.
    await send(
      Array.from({ length: 220 }, (_, n) => ({ type: 'page_view', subject: 'bea', time: ago((n + 1) * SECOND) })),
    );
    await page.getByRole('img', { name: /226 events, flags fired 1 times and cleared 1 times/ }).waitFor();
  });

  it('follows the customer as the complaint is closed, without a reload', async () => {
    const page = await open('/customers/cem', '?lang=en');
    const flag = page.locator('[data-flag="complaint-open-too-long"]');
    await shows(flag, 'Firing');
    await shows(flag, 'Condition met');
    await shows(page.locator('[data-signal="complaint_open_days"]'), /3\.\d days/);
    await page.evaluate(`window.stillThere = true`);

    await send([{ type: 'complaint_closed', subject: 'cem', time: ago(0) }]);

    await shows(flag, 'Clear');
    await shows(flag, 'Fine');
    const [newest, cause] = await page.locator('.timeline li.entry').all();
    await shows(newest!, 'Firing→Clear');
    await shows(cause!, 'Complaint closed');
    // The chart tells of every move that the timeline tells of.
    const fired = await page
      .locator('.timeline li.entry')
      .filter({ hasText: /(Clear|Pending|Retracted)→Firing/ })
      .count();
    expect(fired).toBeGreaterThan(0);
    await page.getByRole('img', { name: `flags fired ${fired} times and cleared 1 times` }).waitFor();
    expect(await page.evaluate('window.stillThere')).toBe(true);
  });

  it('pages its API documentation and its mailbox under policies that fit them', async () => {
    const { page } = visit;
    await page.goto(`${app.url}/docs`);
    await shows(page.locator('#swagger-ui'), '/v1/customers/{id}');
    await page.goto(`${app.url}/mailbox?lang=en`);
    await page.getByRole('link', { name: /ada/ }).first().click();
    await shows(page.frameLocator('iframe').locator('body'), 'Crashes in 24 hours: 3.');
  });

  it('met no complaint of the browser on any of these pages, and asked nobody else', () => {
    expect(visit.complaints).toEqual([]);
    expect(visit.origins).toEqual(new Set([app.url]));
  });
});

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the pages, their console and their security policies. */
  readonly complaints: string[];
  readonly origins: Set<string>;
}

async function beginVisit(browser: Browser): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const visit: Visit = { context, page, complaints: [], origins: new Set() };
  page.on('pageerror', (error) => visit.complaints.push(`${page.url()}: ${String(error)}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) visit.complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) visit.origins.add(new URL(request.url()).origin);
  });
  return visit;
}

/** Waits until the element's text has `words` in it. */
async function shows(element: Locator, words: string | RegExp): Promise<void> {
  let text = '';
  const there = async (): Promise<boolean> => {
    text = (await element.first().textContent({ timeout: patience })) ?? '';
    return typeof words === 'string' ? text.includes(words) : words.test(text);
  };
  await until(`"${words}"`, there, patience).catch((cause: unknown) => {
    throw new Error(`waited in vain for "${words}" in "${text}"`, { cause });
  });
}
