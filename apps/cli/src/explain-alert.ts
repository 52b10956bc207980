import { explanationAnswer } from '#contracts';
import { formatNumber } from '#pipeline';
import { askGateway, isRefused } from './ask-gateway.js';
import { onOneLine, table } from './letters/table.js';
import type { Terminal } from './terminal.js';

/** Has an alert decided anew by the rule that raised it, and says how. False when it is not what it told any more. */
export async function explainAlert(url: string, id: string, terminal: Terminal): Promise<boolean> {
  const answer = await askGateway(url, explanationAnswer, { path: `/v1/alerts/${encodeURIComponent(id)}/explanation` });
  if (isRefused(answer)) {
    terminal.say(answer.no);
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
