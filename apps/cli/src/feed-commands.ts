import type { Command, Option } from 'commander';
import { feedsAnswer } from '#contracts';
import { ChurnError, SECOND } from '#domain';
import { onOneLine, shortTime, table } from './letters/table.js';
import type { Terminal } from './terminal.js';

/** `churnwatch feeds`: which sources vouch for their customers, which one holds absence back, and the end of one. */
export function addFeeds(
  program: Command,
  terminal: Terminal,
  gatewayOption: () => Option,
  succeed: (well: boolean) => void,
): void {
  program
    .command('feeds')
    .description('show the sources of events, and whether their silence holds absence alerts back')
    .option('--retire <source>', 'declare this one over, so that it holds nothing back any more')
    .addOption(gatewayOption())
    .action(async ({ url, retire }: { readonly url: string; readonly retire?: string }) => {
      if (retire !== undefined) return succeed(await retireFeed(url, retire, terminal));
      const { heldAt, vouchesFromPerHour, items } = feedsAnswer.parse(await (await ask(url, '/v1/feeds')).json());
      const rows = items.map((feed) => [
        String(feed.eventsPerHour),
        shortTime(feed.heardUpTo),
        feed.vouches ? (feed.holding ? 'yes, least far' : 'yes') : 'no',
        feed.silentSince === null ? '' : shortTime(feed.silentSince),
        feed.source,
      ]);
      for (const line of table(['events/hour', 'heard up to', 'vouches', 'silent since', 'source'], rows))
        terminal.say(line);
      terminal.say(
        heldAt === null
          ? `No feed vouches; one does from ${vouchesFromPerHour} events an hour on (0: never).`
          : `Absence is decided up to ${shortTime(heldAt)} at most.`,
      );
    });
}

async function retireFeed(url: string, source: string, terminal: Terminal): Promise<boolean> {
  const { status } = await ask(url, `/v1/feeds/${encodeURIComponent(source)}/retire`, 'POST');
  if (status === 204) terminal.say(`${onOneLine(source)} holds nothing back any more.`);
  else terminal.say(`Nothing has been heard of ${onOneLine(source)} in the last 7 days.`);
  return status === 204;
}

async function ask(url: string, path: string, method: 'GET' | 'POST' = 'GET'): Promise<Response> {
  const address = new URL(path, url).href;
  let response: Response;
  try {
    response = await fetch(address, { method, signal: AbortSignal.timeout(60 * SECOND) });
  } catch (cause) {
    throw new ChurnError('GATEWAY_UNAVAILABLE', `${address} does not answer`, { cause, retryable: true });
  }
  if (response.ok || response.status === 404) return response;
  throw new ChurnError('GATEWAY_UNAVAILABLE', `${address} answers ${response.status}`, { retryable: true });
}
