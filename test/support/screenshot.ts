import { launchBrowser } from './browser.js';

/**
 * Takes one picture of a page once it shows what it has to show:
 *   npm run screenshot -- URL OUTPUT.png [WIDTHxHEIGHT] [dark]
 * A height of 0 takes the whole page, however long.
 */
export async function screenshot(url: string, path: string, size = '1280x800', theme = 'light'): Promise<void> {
  const [width = 1280, height = 0] = size.split('x').map(Number);
  const outcome = await launchBrowser();
  if ('reason' in outcome) throw new Error(outcome.reason);
  const { browser } = outcome;
  try {
    const page = await browser.newPage({
      viewport: { width, height: height || 800 },
      deviceScaleFactor: 1.5,
      colorScheme: theme === 'dark' ? 'dark' : 'light',
    });
    await page.goto(url);
    await page.locator('main .panel').first().waitFor();
    await page.locator('[data-freshness].fresh').waitFor();
    await page.screenshot({ path, fullPage: height === 0, animations: 'disabled' });
  } finally {
    await browser.close();
  }
}
