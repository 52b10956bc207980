import { createHash } from 'node:crypto';
import type { Template } from 'liquidjs';
import { Liquid } from 'liquidjs';
import type {
  Alert,
  AlertId,
  CustomerId,
  EpochMs,
  EventType,
  Extent,
  IncidentKind,
  IncidentId,
  Playbook,
  Rule,
  RuleId,
  SignalValues,
  TenantId,
} from '#domain';
import { alertId, incidentId, isoOf, plus } from '#domain';
import { eventWords } from './event-words.js';

/** A flag that fired, as the sentinel saw it. */
export interface Firing {
  readonly tenant: TenantId;
  readonly customer: CustomerId;
  readonly episode: number;
  /** Signals at `becameDueAt`; may hold more than the rule's own evidence. */
  readonly evidence: SignalValues;
  readonly becameDueAt: EpochMs;
  readonly detectedAt: EpochMs;
}

// JSON keeps the parts apart: ("a", "bc") and ("ab", "c") are different customers.
// Hex has no dots (Standard Webhooks forbids them) and can stand in URLs, file names and Message-IDs as it is.
const hashOf = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** The same for every re-send of one logical alert, on every machine and after every restart. */
export const alertIdOf = (tenant: TenantId, customer: CustomerId, rule: RuleId, episode: number): AlertId =>
  alertId(hashOf('alert', tenant, customer, rule, episode));

/** Tells the taking back of an alert from the alert itself. */
export const retractionIdOf = (tenant: TenantId, customer: CustomerId, rule: RuleId, episode: number): AlertId =>
  alertId(hashOf('retraction', tenant, customer, rule, episode));

/** The same whenever one decision is repeated: there is one move of a flag for each number. */
export const transitionIdOf = (tenant: TenantId, customer: CustomerId, rule: RuleId, sequence: number): string =>
  hashOf('transition', tenant, customer, rule, sequence);

/** The same whoever finds the incident, as long as they find the same. */
export const incidentIdOf = (tenant: TenantId, kind: IncidentKind, extent: Extent, beganAt: EpochMs): IncidentId =>
  incidentId(hashOf('incident', tenant, kind, extent.appVersion, extent.platform, extent.channel, beganAt));
/** The same whenever one decision is repeated: there is one move of a customer's stage for each number. */
export const stageMoveIdOf = (tenant: TenantId, customer: CustomerId, sequence: number): string =>
  hashOf('stage', tenant, customer, sequence);

/**
 * What somebody is told about a flag that fired. Pure: the same firing gives the same alert to the byte.
 * The playbook's time runs from the detection, for nobody could have acted before.
 */
export function buildAlert(rule: Rule, playbook: Playbook, firing: Firing): Alert {
  const evidence = Object.fromEntries(rule.evidence.map((name) => [name, firing.evidence[name] ?? null]));
  return {
    id: alertIdOf(firing.tenant, firing.customer, rule.id, firing.episode),
    kind: 'alert',
    retracts: null,
    tenant: firing.tenant,
    customer: firing.customer,
    rule: rule.id,
    ruleVersion: rule.version,
    episode: firing.episode,
    severity: rule.severity,
    reason: rule.reason,
    title: rule.title,
    text: {
      en: renderText(rule.text.en, evidence, rule.title.en),
      zh: renderText(rule.text.zh, evidence, rule.title.zh),
    },
    playbook: {
      id: playbook.id,
      title: playbook.title,
      action: playbook.action,
      owner: playbook.owner,
      dueAt: plus(firing.detectedAt, playbook.dueWithinMs),
    },
    evidence,
    becameDueAt: firing.becameDueAt,
    detectedAt: firing.detectedAt,
  };
}

/** What came late: the events by which it turned out, oldest first. */
export interface LateNews {
  readonly events: readonly (readonly [EpochMs, EventType])[];
}

const minuteOf = (at: EpochMs): string => isoOf(at).slice(0, 16).replace('T', ' ');

/**
 * What everybody who was told of an alert is told when it turns out that it should not have been. Who acted on it has
 * to know what was said and why that was wrong.
 */
export function buildRetraction(alert: Alert, news: LateNews, detectedAt: EpochMs): Alert {
  const [first] = news.events;
  const more = news.events.length - 1;
  const what = first && { en: eventWords[first[1]].en, zh: eventWords[first[1]].zh, at: minuteOf(first[0]) };
  const cause = {
    en: what
      ? `the ${what.en} of ${what.at} UTC${more > 0 ? ` (and ${more} more)` : ''} arrived late`
      : 'news arrived late',
    zh: what ? `${what.at}（UTC）的${what.zh}记录${more > 0 ? `（另有 ${more} 条）` : ''}迟到` : '有记录迟到',
  };
  return {
    ...alert,
    id: retractionIdOf(alert.tenant, alert.customer, alert.rule, alert.episode),
    kind: 'retraction',
    retracts: alert.id,
    title: { en: `Withdrawn: ${alert.title.en}`, zh: `撤回：${alert.title.zh}` },
    text: {
      en: `Withdrawn: ${cause.en}. It had been said: “${alert.text.en}”`,
      zh: `已撤回：${cause.zh}。原内容：“${alert.text.zh}”`,
    },
    playbook: {
      ...alert.playbook,
      action: {
        en: 'Stop what was begun because of the alert; nothing else is to be done.',
        zh: '请停止因该预警而开始的处理，无需其他操作。',
      },
    },
    detectedAt,
  };
}

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, signDisplay: 'negative' });

/** As people read numbers in both languages: at most one decimal, thousands apart; a dash where nothing is known. */
export function formatNumber(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '–' : numbers.format(value);
}

// A pack is somebody's file: its texts reach neither the disk nor a value's prototype, and end within bounds.
const liquid = new Liquid({
  strictFilters: true,
  strictVariables: true,
  ownPropertyOnly: true,
  parseLimit: 10_000,
  // Milliseconds by the wall's clock: a busy machine must change neither what an alert says nor whether a pack loads.
  renderLimit: 10_000,
  memoryLimit: 100_000,
  templates: {},
  outputEscape: (value: unknown) =>
    typeof value === 'number' || value === null ? formatNumber(value) : String(value ?? ''),
});

const compiled = new Map<string, Template[]>();
function compile(template: string): Template[] {
  let found = compiled.get(template);
  if (found === undefined) {
    found = liquid.parse(template);
    // Rules live as long as their pack; only somebody trying texts out could fill this.
    if (compiled.size >= 1_000) compiled.clear();
    compiled.set(template, found);
  }
  return found;
}

function renderText(template: string, evidence: SignalValues, otherwise: string): string {
  try {
    return String(liquid.renderSync(compile(template), evidence))
      .replace(/\s+/g, ' ')
      .trim();
  } catch {
    // `checkText` found every mistake it could when the pack was loaded. What is left (a limit passed by odd values)
    // must cost one sentence, never the alert.
    return otherwise;
  }
}

/** What is wrong with a rule's text, for whoever wrote it; empty when it can be rendered over these signals. */
export function checkText(template: string, evidenceNames: readonly string[]): string[] {
  let parsed: Template[];
  let used: readonly string[];
  try {
    parsed = liquid.parse(template);
    used = liquid.globalFullVariablesSync(parsed);
  } catch (error) {
    return [firstLine(error)];
  }
  const unknown = used.filter((name) => !evidenceNames.includes(name));
  if (unknown.length > 0) {
    const known = evidenceNames.length === 0 ? 'it has none' : `it has ${evidenceNames.join(', ')}`;
    return unknown.map((name) => `${name} is not in the rule's evidence (${known})`);
  }
  const complaints = new Set<string>();
  for (const sample of [0, 12_345.678, null]) {
    try {
      const said = String(liquid.renderSync(parsed, Object.fromEntries(evidenceNames.map((name) => [name, sample]))));
      if (sample !== null && said.trim() === '') complaints.add(`says nothing when every signal is ${sample}`);
    } catch (error) {
      complaints.add(firstLine(error));
    }
  }
  return [...complaints];
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0]!;
