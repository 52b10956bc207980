import type { Command, Option } from 'commander';
import type { IncidentsAnswer } from '#contracts';
import { incidentAnswer, incidentsAnswer } from '#contracts';
import { extentText } from '#domain';
import { formatNumber } from '#pipeline';
import { askGateway, isRefused } from './ask-gateway.js';
import { onOneLine, shortTime, table } from './letters/table.js';
import type { Terminal } from './terminal.js';

/** `churnwatch incidents`: what very many customers fail at, or of whom nothing is heard; or one of these with whom it hit. */
export function addIncidents(
  program: Command,
  terminal: Terminal,
  gatewayOption: () => Option,
  succeed: (well: boolean) => void,
): void {
  program
    .command('incidents')
    .description(
      'show what very many customers fail at, or are not heard of any more; with an id, whom it hit and who came back',
    )
    .argument('[incident]', 'its id')
    .option('--open', 'only those that are not over', false)
    .addOption(gatewayOption())
    .action(async (id: string | undefined, { url, open }: { readonly url: string; readonly open: boolean }) =>
      succeed(id === undefined ? await listIncidents(url, open, terminal) : await showIncident(url, id, terminal)),
    );
}

async function listIncidents(url: string, open: boolean, terminal: Terminal): Promise<boolean> {
  const answer = await askGateway(url, incidentsAnswer, { path: `/v1/incidents${open ? '?state=open' : ''}` });
  if (isRefused(answer)) return refused(answer.no, terminal);
  const rows = answer.items.map((incident) => [
    shortTime(incident.beganAt),
    incident.endedAt === null ? 'open' : shortTime(incident.endedAt),
    incident.kinds.join(', '),
    extentText(incident.extent),
    String(incident.affected),
    formatNumber(incident.valueAtRisk),
    incident.cameBack === null ? '' : String(incident.cameBack),
    incident.id,
  ]);
  const head = ['began', 'ended', 'what', 'of whom', 'affected', 'value at risk', 'came back', 'id'];
  for (const line of table(head, rows)) terminal.say(line);
  return true;
}

async function showIncident(url: string, id: string, terminal: Terminal): Promise<boolean> {
  const answer = await askGateway(url, incidentAnswer, { path: `/v1/incidents/${encodeURIComponent(id)}` });
  if (isRefused(answer)) return refused(answer.no, terminal);
  const { incident, now, customers } = answer;
  terminal.say(`${incident.kinds.join(', ')}: ${onOneLine(extentText(incident.extent))}, ${spanOf(incident)}`);
  const { failing, active, rate, norm } = incident;
  const found =
    incident.kinds[0] === 'silent'
      ? `${failing} not heard any more of ${active} customers heard in the day before`
      : `${failing} failing of ${active} customers there`;
  terminal.say(`Found by ${found} (${percent(rate)}); usual is ${percent(norm)}.`);
  terminal.say(`${now.affected} customers affected, who had spent ${formatNumber(now.valueAtRisk)} in 90 days.`);
  if (incident.endedAt !== null)
    terminal.say(`Since it ended ${now.cameBack} of them have come back, ${now.stayAway} have not.`);
  const rows = customers.map(({ customer, lastFailedAt, spent, seenSince }) => [
    shortTime(lastFailedAt),
    seenSince === null ? 'not yet' : shortTime(seenSince),
    formatNumber(spent),
    customer,
  ]);
  for (const line of table(['failed last', 'seen since', 'spent', 'customer'], rows)) terminal.say(line);
  return true;
}

function refused(no: string, terminal: Terminal): boolean {
  terminal.say(no);
  return false;
}

const spanOf = ({ beganAt, endedAt }: IncidentsAnswer['items'][number]): string =>
  endedAt === null ? `open since ${shortTime(beganAt)}` : `${shortTime(beganAt)} to ${shortTime(endedAt)}`;

const percent = (share: number): string => `${formatNumber(share * 100)} %`;
