import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** Where distributions put it. CHROMIUM names another one. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The reason why there is no browser, or the browser. */
export type BrowserOrReason = { readonly browser: Browser } | { readonly reason: string };

/**
 * Starts the machine's own Chromium on a profile of its own, which goes with the browser. Where there is none the reason
 * comes back, for the suite to be skipped with; REQUIRE_BROWSER=1 turns it into a failure.
 */
export async function launchBrowser(): Promise<BrowserOrReason> {
  const reason = (why: string): BrowserOrReason => {
    if (process.env['REQUIRE_BROWSER'] === '1') throw new Error(why);
    return { reason: why };
  };
  const asked = process.env['CHROMIUM'];
  const executablePath = [...(asked ? [asked] : places)].find((place) => existsSync(place));
  if (!executablePath) return reason(`no Chromium at ${asked ?? places.join(', ')}`);
  try {
    return { browser: await chromium.launch({ executablePath, args: flags }) };
  } catch (error) {
    return reason(`Chromium does not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `describe` with a browser that lives as long as the suite; skipped, with the reason in its name, where there is none. */
export async function describeWithBrowser(name: string, suite: (browser: Browser) => void): Promise<void> {
  const outcome = await launchBrowser();
  if ('reason' in outcome) {
    process.stderr.write(`SKIPPED "${name}": ${outcome.reason}\n`);
    describe.skip(`${name} [SKIPPED: ${outcome.reason}]`, () => it('needs a browser', () => {}));
    return;
  }
  const { browser } = outcome;
  describe(name, () => {
    afterAll(() => browser.close());
    suite(browser);
  });
}
