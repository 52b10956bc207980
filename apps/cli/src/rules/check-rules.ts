import type { Condition, Pack, Signal } from '#domain';
import { commonReasons, DAY, epochMs, isoOf, signalsRead } from '#domain';
import { packFolder } from '#platform';
import type { Terminal } from '../terminal.js';
import { readPack } from './read-pack.js';

/**
 * Reads a pack as a start would, and says what stands in it. False when it could not be used: then each mistake is said
 * as `file:line:column`. What is allowed but seldom meant is said as well.
 */
export function checkRules(pack: string, terminal: Terminal): boolean {
  const read = readPack(pack, terminal);
  if (read === null) return false;
  const { name, version, signals, rules, playbooks } = read;
  terminal.say(
    `${packFolder(pack)}: pack "${name}" ${version}: ${signals.length} signals, ${rules.length} rules, ${playbooks.length} playbooks`,
  );
  const widest = Math.max(0, ...rules.map(({ id }) => id.length));
  for (const rule of rules)
    terminal.say(
      `  ${rule.id.padEnd(widest)}  ${rule.version}  ${rule.severity}, ${rule.owner}${rule.muted ? `, muted: ${rule.muted.en}` : ''}`,
    );
  for (const remark of remarks(read)) terminal.say(`Note: ${remark}`);
  return true;
}

function remarks({ signals, rules, playbooks, reasons }: Pack): string[] {
  const used = new Set(rules.flatMap((rule) => [...signalsRead(rule), ...rule.evidence]));
  const followed = new Set(rules.map(({ playbook }) => playbook));
  // Nobody need use the common ones.
  const named = new Set([...commonReasons.map(({ code }) => code), ...rules.map(({ reason }) => reason)]);
  return [
    ...rules
      .filter(({ guard }) => isAlways(guard))
      .map(({ id }) => `rule ${id} has no guard: it may fire on the day a customer is first seen`),
    ...rules
      .filter(({ enter, exit }) => JSON.stringify(exit) === JSON.stringify({ kind: 'not', of: enter }))
      .map(({ id }) => `rule ${id} ends where it begins: a customer on the edge would flap`),
    ...signals.filter(({ name }) => !used.has(name)).map(({ name }) => `signal ${name} is used by no rule`),
    ...signals.flatMap((signal) => endingCalendar(signal)),
    ...playbooks.filter(({ id }) => !followed.has(id)).map(({ id }) => `playbook ${id} is followed by no rule`),
    ...reasons.filter(({ code }) => !named.has(code)).map(({ code }) => `reason ${code} is named by no rule`),
  ];
}

/** A quarter ahead: the next year's days off are known by then. */
const aheadMs = 90 * DAY;

function endingCalendar(signal: Signal): string[] {
  if (signal.kind !== 'missed-days' || signal.specialDays.length === 0) return [];
  const last = signal.specialDays.at(-1)! * DAY;
  if (last > Date.now() + aheadMs) return [];
  return [`signal ${signal.name}: the calendar's last special day is ${isoOf(epochMs(last)).slice(0, 10)}`];
}

const isAlways = (condition: Condition): boolean => condition.kind === 'always' && condition.value;
