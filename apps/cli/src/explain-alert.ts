import { explanationAnswer, problem } from '#contracts';
import type { ExplanationAnswer } from '#contracts';
import { ChurnError, SECOND } from '#domain';
import { formatNumber } from '#pipeline';
import { onOneLine, table } from './letters/table.js';
import type { Terminal } from './terminal.js';

/** Has an alert decided anew by the rule that raised it, and says how. False when it is not what it told any more. */
export async function explainAlert(url: string, id: string, terminal: Terminal): Promise<boolean> {
  const answer = await ask(url, id);
  if (typeof answer === 'string') {
    terminal.say(answer);
    return false;
  }
  const { alert, verdict, evidence, agrees } = answer;
  terminal.say(`${alert.kind} ${alert.id}: ${onOneLine(alert.title.en)}, ${onOneLine(alert.customer)}`);
  terminal.say(onOneLine(alert.text.en));
  terminal.say(`Became due ${alert.becameDueAt}, detected ${alert.detectedAt}.`);
  terminal.say(`Rule ${alert.rule}, version ${alert.ruleVersion}, in force since ${answer.ruleKeptAt}:`);
  for (const part of ['guard', 'enter', 'exit'] as const) {
    const { text, holds, comparisons } = answer[part];
    terminal.say(`  ${part.padEnd(5)} ${said(holds)}: ${text}`);
    for (const { text: one, left, right, holds: held } of comparisons)
      terminal.say(`          ${said(held)}: ${one}   (${formatNumber(left)} and ${formatNumber(right)})`);
  }
  const rows = evidence.map(({ signal, told, found }) => [signal, formatNumber(told), formatNumber(found)]);
  for (const line of table(['evidence', 'told', 'found'], rows)) terminal.say(line);
  terminal.say(
    agrees
      ? `Decided anew: ${verdict}, as the alert told.`
      : `Decided anew: ${verdict}, which is not what the alert told: events came later than it.`,
  );
  return agrees;
}

const said = (holds: boolean | null): string => (holds === null ? 'unknown' : holds ? 'holds' : 'does not hold');

async function ask(url: string, id: string): Promise<ExplanationAnswer | string> {
  const address = new URL(`/v1/alerts/${encodeURIComponent(id)}/explanation`, url).href;
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(60 * SECOND) });
    status = response.status;
    body = await response.json().catch(() => null);
  } catch (cause) {
    throw new ChurnError('GATEWAY_UNAVAILABLE', `${url} does not answer`, { cause, retryable: true });
  }
  const read = status === 200 ? explanationAnswer.safeParse(body) : null;
  if (read?.success === true) return read.data;
  const no = problem.safeParse(body);
  if (no.success && status < 500) return no.data.detail;
  throw new ChurnError('GATEWAY_UNAVAILABLE', `${address} answers ${status} and not as a Churnwatch gateway does`);
}
