import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CalendarEntries, ReasonEntries, RuleEntry, SignalEntry } from '#contracts';
import { calendarFile, packFile, playbooksFile, reasonsFile, rulesFile, signalsFile } from '#contracts';
import type { Condition, Lookback, Pack, Playbook, Reason, Rule, Signal } from '#domain';
import { ChurnError, commonReasons, DAY, HOUR, hourExactMs, ruleId, signalsRead } from '#domain';
import { checkText } from '../sentinel/route.js';
import { toChurn, toValue } from './churn-entry.js';
import { conditionReader, nameComplaint, suggestion } from './condition-text.js';
import { readYaml } from './read-yaml.js';
import { versionOf } from './version-of.js';

/**
 * Reads an industry pack from its folder: pack.yaml, signals.yaml, rules.yaml, playbooks.yaml, and calendar.yaml and
 * reasons.yaml if it has them.
 * Throws ChurnError PACK_INVALID with every mistake as `file:line:column: what is wrong`.
 */
export function loadPack(folder: string): Pack {
  const complaints: string[] = [];
  const head = readYaml(folder, 'pack.yaml', packFile, complaints);
  const signalEntries = readYaml(folder, 'signals.yaml', signalsFile, complaints);
  const ruleEntries = readYaml(folder, 'rules.yaml', rulesFile, complaints);
  const playbookEntries = readYaml(folder, 'playbooks.yaml', playbooksFile, complaints);
  const has = (file: string): boolean => existsSync(join(folder, file));
  const calendar = has('calendar.yaml')
    ? readYaml(folder, 'calendar.yaml', calendarFile, complaints)?.value
    : undefined;
  const reasonEntries = has('reasons.yaml') ? readYaml(folder, 'reasons.yaml', reasonsFile, complaints) : null;
  if (!head || !signalEntries || !ruleEntries || !playbookEntries || complaints.length > 0)
    throw invalid(folder, complaints);

  const churn = toChurn(head.value.churn, (path, message) => {
    complaints.push(`${head.place(['churn', ...path])}: ${message}`);
  });
  const value = toValue(head.value.value);
  const specialDays = calendar === undefined ? [] : daysOf(calendar);
  const signals = Object.entries(signalEntries.value.signals).map(([name, entry]) =>
    toSignal(name, entry, specialDays),
  );
  for (const signal of signals) {
    const complain = (path: readonly string[], message: string | undefined): void => {
      if (message !== undefined)
        complaints.push(`${signalEntries.place(['signals', signal.name, ...path])}: ${message}`);
    };
    complain([], nameComplaint(signal.name));
    if ('lookback' in signal) {
      const { fromMs, toMs } = signal.lookback;
      complain(['skip'], edgeComplaint(toMs));
      complain(['span'], fromMs === toMs ? 'a window must be longer than nothing' : edgeComplaint(fromMs));
      if (signal.kind === 'ratio') {
        const { baselineMs } = signal;
        const edge = edgeComplaint(fromMs + baselineMs);
        complain(['baseline'], baselineMs === 0 ? 'a baseline must be longer than nothing' : edge);
      }
    }
    if (signal.kind === 'share' && signal.events.some((type) => !signal.among.includes(type)))
      complain(['among'], 'a share is a part of the whole: these must hold every type of `events`');
  }
  // Without their names right, conditions over these signals would only repeat the complaint.
  if (complaints.length > 0) throw invalid(folder, complaints);
  const playbooks: Playbook[] = playbookEntries.value.playbooks.map(({ due_within, ...rest }) => ({
    ...rest,
    dueWithinMs: due_within,
  }));
  const read = conditionReader(signals);
  const signalNames = new Set(signals.map((signal) => signal.name));
  const playbookNames = new Set(playbooks.map((playbook) => playbook.id));
  for (const [index, { id }] of playbooks.entries()) {
    if (playbooks.findIndex((other) => other.id === id) < index) {
      complaints.push(`${playbookEntries.place(['playbooks', index, 'id'])}: playbook "${id}" stands twice`);
    }
  }
  const ownReasons = toReasons(reasonEntries?.value.reasons ?? {});
  for (const { code } of ownReasons) {
    if (!commonCodes.has(code)) continue;
    complaints.push(`${reasonEntries!.place(['reasons', code])}: reason "${code}" stands twice: it is a common one`);
  }
  const reasons = [...commonReasons, ...ownReasons];
  const reasonCodes = new Set(reasons.map(({ code }) => code));
  const seen = new Set<string>();

  const rules = ruleEntries.value.rules.map((entry, index): Rule => {
    const complain = (field: string | readonly (string | number)[], message: string, offset = 0): void => {
      complaints.push(`${ruleEntries.place(['rules', index, ...[field].flat()], offset)}: ${message}`);
    };
    const condition = (field: 'guard' | 'enter' | 'exit'): Condition => {
      const parsed = read(entry[field]);
      if (parsed.ok) return parsed.condition;
      complain(field, parsed.complaint.message, parsed.complaint.at);
      return { kind: 'always', value: false };
    };
    if (seen.has(entry.id)) complain('id', `rule "${entry.id}" stands twice`);
    seen.add(entry.id);
    if (!playbookNames.has(entry.playbook)) complain('playbook', `there is no playbook "${entry.playbook}"`);
    if (!reasonCodes.has(entry.reason)) {
      const meant = suggestion(entry.reason, [...reasonCodes]) || '; reasons.yaml declares those of the pack';
      complain('reason', `unknown reason "${entry.reason}"${meant}`);
    }
    for (const [place, name] of entry.evidence.entries()) {
      if (!signalNames.has(name)) {
        complain(['evidence', place], `unknown signal "${name}"${suggestion(name, [...signalNames])}`);
      }
    }
    for (const [locale, text] of Object.entries(entry.text)) {
      for (const complaint of checkText(text, entry.evidence)) complain(['text', locale], `${locale}: ${complaint}`);
    }
    const [guard, enter, exit] = [condition('guard'), condition('enter'), condition('exit')];
    const used = signalsRead({ guard, enter, exit });
    const version = versionOf(
      entry,
      signals.filter((signal) => used.has(signal.name)),
    );
    return toRule(entry, version, { guard, enter, exit });
  });
  if (complaints.length > 0) throw invalid(folder, complaints);

  const { name, title } = head.value;
  // The common ones change with the program only, so a pack without its own keeps its version.
  const version = versionOf(signals, rules, playbooks, churn, value, ...(ownReasons.length > 0 ? [ownReasons] : []));
  return { name, title, version, churn, value, signals, rules, playbooks, reasons };
}

const commonCodes: ReadonlySet<string> = new Set(commonReasons.map(({ code }) => code));
const toReasons = (entries: ReasonEntries): Reason[] =>
  Object.entries(entries).map(([code, { kind, title }]) => ({ code, kind, title }));

const invalid = (folder: string, complaints: readonly string[]): ChurnError =>
  new ChurnError(
    'PACK_INVALID',
    `the pack in ${folder} cannot be used:\n${complaints.map((line) => `  ${line}`).join('\n')}`,
  );

/** Windows are kept by the hour and, beyond 35 days, by the day: an edge in between would be a promise not kept. */
function edgeComplaint(agoMs: number): string | undefined {
  if (agoMs <= hourExactMs)
    return agoMs % HOUR === 0 ? undefined : 'up to 35 days ago, windows begin and end on whole hours';
  return agoMs % DAY === 0
    ? undefined
    : 'more than 35 days ago (span and skip together), windows begin and end on whole days';
}

/** UTC days since 1970, in order, each once. */
function daysOf({ special }: CalendarEntries): number[] {
  const dayOf = (date: string): number => Date.parse(date) / DAY;
  const days = special.flatMap(({ from, to, made_up }) => [
    ...Array.from({ length: dayOf(to) - dayOf(from) + 1 }, (_, index) => dayOf(from) + index),
    ...made_up.map(dayOf),
  ]);
  return [...new Set(days)].toSorted((a, b) => a - b);
}

const lookbackOf = ({ span, skip = 0 }: { readonly span: number; readonly skip?: number | undefined }): Lookback => ({
  fromMs: span + skip,
  toMs: skip,
});
const rhythmOf = (entry: { readonly prior_gap_days: number; readonly minimum_active_days: number }) => ({
  priorGapDays: entry.prior_gap_days,
  minimumActiveDays: entry.minimum_active_days,
});

function toSignal(name: string, entry: SignalEntry, specialDays: readonly number[]): Signal {
  const base = { name, unit: entry.unit, description: entry.description, events: entry.events };
  switch (entry.kind) {
    case 'count':
    case 'sum':
    case 'mean':
    case 'active-days':
      return { ...base, kind: entry.kind, lookback: lookbackOf(entry) };
    case 'share':
      return { ...base, kind: entry.kind, among: entry.among, lookback: lookbackOf(entry) };
    case 'ratio': {
      const { kind, of, baseline: baselineMs, minimum } = entry;
      return { ...base, kind, of, lookback: lookbackOf(entry), baselineMs, minimum };
    }
    case 'trend':
      return { ...base, kind: entry.kind, weeks: entry.weeks };
    case 'silence':
    case 'tenure':
      return { ...base, kind: entry.kind };
    case 'usual-gap':
    case 'overdue':
      return { ...base, kind: entry.kind, ...rhythmOf(entry) };
    case 'missed-days':
      return { ...base, kind: entry.kind, ...rhythmOf(entry), specialDays };
    case 'gap-spread':
      return { ...base, kind: entry.kind, minimumActiveDays: entry.minimum_active_days };
    case 'open-for':
      return { ...base, kind: entry.kind, closedBy: entry.closed_by };
  }
}

function toRule(entry: RuleEntry, version: string, conditions: Pick<Rule, 'guard' | 'enter' | 'exit'>): Rule {
  const { id, title, owner, severity, reason, playbook, evidence, text, muted = null } = entry;
  const policy = { pendingMs: entry.pending, recoverMs: entry.recover, cooldownMs: entry.cooldown };
  const told = { title, owner, severity, reason, playbook, evidence, text, muted };
  return { id: ruleId(id), version, ...told, ...conditions, policy };
}
