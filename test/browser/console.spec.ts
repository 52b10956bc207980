import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { describeWithBrowser } from '../support/browser.js';
import { buildConsoleIfStale } from './built-console.js';
import { openSite } from './console-site.js';
import type { Site } from './console-site.js';
import { sampleAlert, sampleCustomer, sampleIncident, sampleState } from './sample.js';

const patience = 15_000;

await describeWithBrowser('the console', (browser) => {
  let site: Site;
  let visit: Visit;

  beforeAll(buildConsoleIfStale, 120_000);
  beforeEach(async () => {
    site = await openSite(sampleState());
    visit = await beginVisit(browser, {});
  });
  afterEach(async () => {
    await visit.context.close();
    await site.close();
  });

  const open = async (route = '/', query = ''): Promise<Page> => {
    await visit.page.goto(`${site.url}/${query}#${route}`);
    await visit.page.locator('[data-freshness].fresh').waitFor();
    return visit.page;
  };
  const newVisit = async (options: BrowserContextOptions): Promise<void> => {
    await visit.context.close();
    visit = await beginVisit(browser, options);
  };

  describe('on its overview', () => {
    it('shows the counts and follows them as they change', async () => {
      const page = await open();
      await shows(tile(page, 'customers'), '2,500');
      await shows(tile(page, 'raised'), '215');
      await shows(ruleCell(page, 'silent-beyond-rhythm', 'firedTotal'), '391');

      const [rule, ...others] = site.state.overview.rules;
      const rules = [{ ...rule!, raised: 144, firedTotal: 392 }, ...others];
      site.state.overview = { ...site.state.overview, customers: 2_501, rules };

      await shows(tile(page, 'customers'), '2,501');
      await shows(tile(page, 'raised'), '216');
      await shows(ruleCell(page, 'silent-beyond-rhythm', 'firedTotal'), '392');
      expect(visit.complaints).toEqual([]);
    });

    it('tells an alert in full: reason, rule, severity, action, when it was due and how soon it was seen', async () => {
      site.state.alerts = [
        sampleAlert(0, { becameDueAt: '2017-02-20T09:00:00.000Z', detectedAt: '2017-02-20T09:00:00.420Z' }),
      ];
      const page = await open();
      const card = page.locator('[data-alert="alert-0"]');
      await shows(card, 'No visit for 6 days; usually one every 2.4 days');
      await shows(card, 'Silent beyond own rhythm');
      await shows(card.locator('[data-reason="silent-beyond-rhythm"]'), 'Silent beyond own rhythm behaviour');
      await shows(card, 'High');
      await shows(card, 'Call back: Call or write in person');
      await shows(card, '20 Feb 2017, 09:00');
      await shows(card.locator('[data-detection]'), '420 ms');
      await shows(card, 'webhook Delivered');
    });

    it('brings a new alert to the top and says so to a screen reader', async () => {
      const page = await open();
      await page.locator('[data-alert="alert-0"]').waitFor();
      site.state.alerts.unshift(sampleAlert(99));
      await page.locator('.panel > [data-alert]').first().and(page.locator('[data-alert="alert-99"]')).waitFor();
      await shows(page.locator('[data-announcer]'), '1 new alert');
    });

    it('tells what very many customers fail at, until it is over and who came back', async () => {
      const page = await open();
      const row = page.locator('[data-incident="f-2"]');
      await shows(row, 'Crash, Login failed');
      await shows(row, '5.2.0 × baidu');
      await shows(row, 'open');
      await shows(row, '18,340.5');
      const endedAt = '2017-02-20T08:00:00.000Z';
      site.state.incidents = [{ ...sampleIncident(), state: 'closed', endedAt, endDetectedAt: endedAt, cameBack: 190 }];
      await shows(row, '20 Feb 2017, 08:00');
      await shows(row, '190');
      site.state.incidents = [];
      await row.waitFor({ state: 'detached' });
    });

    it('draws the events of each day', async () => {
      const page = await open();
      const chart = page.getByRole('img', { name: /Events and active customers per day/ });
      expect(await inkOn(chart)).toBeGreaterThan(2_000);
      await page.getByText('Show as table').click();
      await shows(page.locator('.as-table tbody tr').first(), '20 Feb 2017');
    });

    it('asks for nothing while its tab is hidden', async () => {
      await visit.page.clock.install();
      const page = await open();
      await setHidden(page, true);
      // Whatever was on its way when the tab was hidden is here before this answer.
      const fence = () => page.evaluate(`fetch('v1/fence').then((answer) => answer.text())`);
      await fence();
      const before = site.asked.length;
      await page.clock.runFor('10:00');
      await fence();
      expect(site.asked.slice(before)).toEqual(['/v1/fence']);

      await setHidden(page, false);
      await holds(() => site.asked.length >= before + 3);
    });
  });

  describe('in two languages', () => {
    it('changes every text at once and remembers the choice', async () => {
      const page = await open();
      await shows(page.locator('h1'), 'Overview');
      await page.getByRole('button', { name: '中文' }).click();
      await shows(page.locator('h1'), '总览');
      await shows(page.locator('[data-rule="silent-beyond-rhythm"]'), '沉默超出自身节奏');
      await shows(page.locator('[data-alert="alert-0"]'), '天未使用');
      await shows(page.locator('[data-alert="alert-0"] [data-reason]'), '沉默超出自身节奏 行为变化');
      expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');

      await page.reload();
      await shows(page.locator('h1'), '总览');
    });

    it('obeys the address, and a later choice overrides it for good', async () => {
      const page = await open('/', '?lang=zh');
      await shows(page.locator('h1'), '总览');
      await page.getByRole('button', { name: 'English' }).click();
      await shows(page.locator('h1'), 'Overview');
      await page.reload();
      await shows(page.locator('h1'), 'Overview');
    });

    it('greets a newcomer in the language of the installation', async () => {
      site.state.pack = { ...site.state.pack, locale: 'zh' };
      await shows((await open()).locator('h1'), '总览');
    });
  });

  describe('on a customer’s page', () => {
    it('shows flags with verdicts, signals with units, and evidence in words', async () => {
      const page = await open('/customers/c-1001');
      const flag = page.locator('[data-flag="silent-beyond-rhythm"]');
      await shows(flag, 'Firing');
      await shows(flag, 'Condition met');
      await shows(page.locator('[data-flag="complaint-waiting"]'), 'Not enough history');
      await shows(page.locator('[data-signal="usual_gap_days"]'), 'usual gap between active days');
      await shows(page.locator('[data-signal="usual_gap_days"]'), '2.5 days');
      await shows(page.locator('[data-signal="complaint_open_days"]'), 'not enough history');
      const move = page.locator('.entry-move').first();
      await shows(move, 'Clear→Firing');
      await shows(move, 'Days since the customer last used the app of their own accord8 days');
    });

    it('draws the days with a marker where a flag fired or cleared', async () => {
      const page = await open('/customers/c-1001');
      const chart = page.getByRole('img', { name: /flags fired 3 times and cleared 1 times/ });
      expect(await inkOn(chart)).toBeGreaterThan(500);
      const titles = await chart
        .locator('.marker')
        .evaluateAll((marks) => marks.map((mark) => mark.getAttribute('title')));
      expect(titles).toEqual([
        'Fired: Silent beyond own rhythm, 16 Feb 2017, 09:30',
        'Fired: Activity fell against own baseline, 14 Feb 2017, 13:06',
        'Cleared: Silent beyond own rhythm, 11 Jan 2017, 09:30',
        'Fired: Silent beyond own rhythm, 4 Jan 2017, 09:30',
      ]);
      const box = (await chart.boundingBox())!;
      const lefts = await Promise.all(
        (await chart.locator('.marker').all()).map(async (mark) => (await mark.boundingBox())!.x),
      );
      expect(lefts).toEqual(lefts.toSorted((a, b) => b - a));
      expect(Math.min(...lefts)).toBeGreaterThan(box.x);
      expect(Math.max(...lefts)).toBeLessThan(box.x + box.width);
    });

    it('is found by its id', async () => {
      const page = await open();
      await page.getByRole('searchbox').fill(' c-1001 ');
      await page.getByRole('searchbox').press('Enter');
      await shows(page.locator('h1'), 'Customer c-1001');
      await page.locator('[data-flag]').first().waitFor();
    });

    it('says so when nobody has that id', async () => {
      await shows((await open('/customers/nobody')).locator('main'), 'No such customer');
    });

    it('shows only flags in the timeline when asked', async () => {
      const page = await open('/customers/c-1001');
      await page.getByRole('button', { name: 'Only flags' }).click();
      await page.locator('.entry-event').first().waitFor({ state: 'detached' });
      expect(await page.locator('.entry-move').count()).toBe(5);
    });
  });

  describe('with all alerts', () => {
    it('adds older ones page by page and keeps them while new ones come', async () => {
      const page = await open('/alerts');
      const ids = () =>
        page.locator('[data-alert]').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-alert')));
      await page.locator('[data-alert="alert-24"]').waitFor();
      await page.getByRole('button', { name: 'Show older' }).click();
      await page.locator('[data-alert="alert-49"]').waitFor();
      site.state.alerts.unshift(sampleAlert(99));
      await page.locator('[data-alert="alert-99"]').waitFor();
      await page.getByRole('button', { name: 'Show older' }).click();
      await shows(page.locator('main'), 'These are all alerts.');
      expect(await ids()).toEqual(site.state.alerts.map(({ id }) => id));
    });
  });

  describe('fed with hostile input', () => {
    const hostile = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>/../%00'`;

    it('shows it as the text it is and runs none of it', async () => {
      const text = { en: `<b onmouseover=alert(1)>${hostile}`, zh: hostile };
      const odd = [hostile, 'javascript:alert(1)', '\u202Eevil', '__proto__', '客户/一?#&', '\ud800'];
      site.state.alerts = odd.map((customer, index) =>
        sampleAlert(index, { customer, title: text, text, id: `${hostile}${index}` }),
      );
      site.state.customers.set(hostile, { ...sampleCustomer(hostile), signals: { [hostile]: 1, constructor: 2 } });
      site.state.customers.get(hostile)!.timeline.unshift(
        {
          at: '2017-02-20T09:00:00.000Z',
          kind: 'event',
          type: hostile,
          amount: null,
          detail: { [hostile]: { deep: hostile } },
        },
        {
          at: '2017-02-20T08:00:00.000Z',
          kind: 'transition',
          type: 'constructor',
          amount: null,
          detail: { to: hostile },
        },
        {
          at: '2017-02-20T07:00:00.000Z',
          kind: 'transition',
          type: hostile,
          amount: null,
          detail: { to: 'firing', evidence: { [hostile]: 1 } },
        },
      );

      const page = await open();
      const link = page.locator('.alert .customer').first();
      await shows(link, hostile);
      await shows(page.locator('.alert').last(), hostile);
      await link.click();
      await shows(page.locator('h1'), hostile);
      await page.locator('.marker').first().waitFor({ state: 'attached' });
      await shows(page.locator('.timeline'), hostile);

      expect(await page.title()).toBe(`Customer ${hostile} · Churnwatch`);
      expect(await page.locator('main img, main script, main b[onmouseover]').count()).toBe(0);
      expect(visit.complaints).toEqual([]);
    });
  });

  describe('without its API', () => {
    it.each(['away', 'gone'] as const)(
      'keeps what it shows, says that the API is %s, and recovers by itself',
      async (mood) => {
        const page = await open();
        const banner = page.getByRole('alert');
        await shows(tile(page, 'customers'), '2,500');
        expect(await banner.count()).toBe(0);

        site.state.mood = mood;
        await shows(banner, 'does not answer');
        await page.mouse.wheel(0, 5_000);
        await holds(async () => Number(await page.evaluate('scrollY')) > 500);
        expect((await banner.boundingBox())!.y).toBeGreaterThanOrEqual(0); // in sight, however far down one reads
        await shows(tile(page, 'customers'), '2,500');
        await shows(page.locator('[data-alert="alert-0"]'), 'No visit for');
        await page.locator('[data-freshness].stale').waitFor();

        site.state.overview = { ...site.state.overview, customers: 2_600 };
        site.state.mood = 'well';
        await banner.waitFor({ state: 'detached' });
        await shows(tile(page, 'customers'), '2,600');
      },
    );

    it('keeps what it shows when it is refused, and gives the reason', async () => {
      const page = await open();
      await shows(tile(page, 'customers'), '2,500');
      site.state.mood = 'forbidden';
      await shows(page.locator('main'), 'The API refused this question: 403 Forbidden.');
      await shows(tile(page, 'customers'), '2,500');
    });

    it('comes to life when the API does', async () => {
      site.state.mood = 'away';
      await visit.page.goto(site.url);
      await shows(visit.page.getByRole('alert'), 'Nothing could be loaded yet');
      site.state.mood = 'well';
      await shows(tile(visit.page, 'customers'), '2,500');
      await shows(visit.page.locator('[data-rule="silent-beyond-rhythm"]'), 'Silent beyond own rhythm');
    });
  });

  describe('for every reader', () => {
    it('can be walked by keyboard alone', async () => {
      const page = await open();
      const walked: string[] = [];
      for (let step = 0; step < 9; step++) {
        await page.keyboard.press('Tab');
        walked.push(
          String(await page.evaluate('document.activeElement.innerText || document.activeElement.placeholder')).trim(),
        );
      }
      expect(walked.slice(0, 8)).toEqual([
        'Skip to content',
        'Churnwatch',
        'Overview',
        'Alerts',
        'Customer id',
        'Open',
        'English',
        '中文',
      ]);

      await page.getByRole('link', { name: 'Alerts', exact: true }).focus();
      await page.keyboard.press('Enter');
      await shows(page.locator('h1'), 'Alerts');
      await holds(async () => (await page.evaluate('document.activeElement.id')) === 'page-title');
    });

    it('has its landmarks, and headings to every table', async () => {
      const page = await open('/customers/c-1001');
      await page.locator('table').first().waitFor();
      for (const landmark of ['banner', 'navigation', 'search', 'main', 'contentinfo'] as const) {
        expect(await page.getByRole(landmark).count()).toBe(1);
      }
      for (const table of await page.locator('table').all()) {
        expect(await table.locator('thead th[scope]').count()).toBeGreaterThan(1);
        expect(await table.locator('tbody td:first-child').count()).toBe(0);
      }
    });

    it.each(['light', 'dark'] as const)('keeps its small print legible in %s', async (colorScheme) => {
      await newVisit({ colorScheme });
      for (const route of ['/', '/customers/c-1001']) {
        const page = await open(route);
        await page.locator('.badge').first().waitFor();
        expect(await faintTexts(page)).toEqual([]);
      }
    });

    it.each(['/', '/alerts', '/customers/c-1001'])('fits a narrow phone: %s', async (route) => {
      await newVisit({ viewport: { width: 360, height: 740 } });
      const page = await open(route);
      await page.locator('.alert').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    });
  });

  it('loads nothing but its own files and meets no complaint of the browser', async () => {
    for (const route of ['/', '/alerts', '/customers/c-1001'])
      await (await open(route)).locator('.alert').first().waitFor();
    expect(visit.complaints).toEqual([]);
    expect(visit.origins).toEqual(new Set([site.url]));
  });

  it('counts the seconds since the last answer', async () => {
    await visit.page.clock.install();
    const page = await open();
    await shows(page.locator('[data-freshness]'), /updated \d sec ago/);
    await page.route('**/v1/**', () => {}); // from now on no answer ever comes
    await page.clock.runFor(45_000);
    await shows(page.locator('[data-freshness]'), /updated 4\d sec ago/);
  });
});

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the page, its console and its security policy. */
  readonly complaints: string[];
  readonly origins: Set<string>;
}

async function beginVisit(browser: Browser, options: BrowserContextOptions): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const visit: Visit = { context, page, complaints: [], origins: new Set() };
  page.on('pageerror', (error) => visit.complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) visit.complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    visit.complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => visit.origins.add(new URL(request.url()).origin));
  return visit;
}

const tile = (page: Page, name: string): Locator => page.locator(`[data-tile="${name}"]`);
const ruleCell = (page: Page, rule: string, column: string): Locator =>
  page.locator(`[data-rule="${rule}"] [data-column="${column}"]`);

/** Waits until the element's text has `words` in it. */
async function shows(element: Locator, words: string | RegExp): Promise<void> {
  let text = '';
  await holds(
    async () => {
      text = (await element.first().textContent({ timeout: patience })) ?? '';
      return typeof words === 'string' ? text.includes(words) : words.test(text);
    },
    () => `"${words}" in "${text}"`,
  );
}

async function holds(
  condition: () => boolean | Promise<boolean>,
  what: () => string = () => 'the condition',
): Promise<void> {
  const until = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`waited in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As much of the browser's canvas as is needed here: the tests are compiled without the browser's types. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): { getImageData(...box: [number, number, number, number]): { readonly data: Uint8Array } };
}

/** How many pixels of the chart's canvas are painted. */
async function inkOn(chart: Locator): Promise<number> {
  const canvas = chart.locator('canvas');
  await canvas.waitFor();
  return canvas.evaluate((element) => {
    const { width, height, getContext } = element as unknown as Canvas;
    const { data } = getContext.call(element, '2d').getImageData(0, 0, width, height);
    return data.filter((byte, at) => at % 4 === 3 && byte > 128).length;
  });
}

async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}

/** Texts whose contrast with what lies behind them is under 4.5:1 (WCAG 2.2, 1.4.3). */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const rgba = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
      const [R, G, B] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * R + 0.7152 * G + 0.0722 * B;
    };
    const behind = (element) => {
      for (let each = element; each; each = each.parentElement) {
        const colour = rgba(getComputedStyle(each).backgroundColor);
        if (colour[3] === undefined || colour[3] === 1) return colour;
      }
      return [255, 255, 255];
    };
    const faint = [];
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      if (!own || element.closest('.hidden, .u-wrap, button:disabled')) continue;
      const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
      const contrast = (a + 0.05) / (b + 0.05);
      if (contrast < 4.5) faint.push(contrast.toFixed(2) + ' ' + element.className + ' ' + element.textContent.slice(0, 40));
    }
    return [...new Set(faint)];
  })()`);
}
