import type { Texts } from '../texts/texts.js';
import type { Formats } from '../texts/formats.js';
import { usePack } from '../pack.js';
import { useLanguage } from '../texts/language.js';

export type Evidence = Readonly<Record<string, number | null>>;

const dayMs = 86_400_000;
const unitMs: Readonly<Record<string, number>> = {
  d: dayMs,
  day: dayMs,
  days: dayMs,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  min: 60_000,
  minutes: 60_000,
};

/** A signal's number with its unit, or why there is none. */
export function signalWords(value: number | null, unit: string, t: Texts, format: Formats): string {
  if (value === null) return t.unknownValue;
  const ms = unitMs[unit];
  if (ms === dayMs) return format.days(value);
  if (ms !== undefined) return format.span(value * ms);
  const word = Object.hasOwn(t.units, unit) ? t.units[unit as keyof Texts['units']](value) : ` ${unit}`;
  const number = format.quantity(value);
  return unit === '%' ? `${number}%` : `${number}${word}`.trimEnd();
}

/** Without the pack nobody says which signals matter; the API puts those of the rule first. */
const mostWithoutPack = 5;

/** The signals that the rule rests on, as lines of "what it is: how much". */
export function EvidenceList({ rule: id, evidence }: { rule: string; evidence: Evidence }) {
  const { rule, signal } = usePack();
  const { t, format, say } = useLanguage();
  const names =
    rule(id)?.evidence.filter((name) => name in evidence) ?? Object.keys(evidence).slice(0, mostWithoutPack);
  return (
    <ul class="evidence">
      {names.map((name) => {
        const known = signal(name);
        const value = evidence[name] ?? null;
        return (
          <li key={name}>
            <span class="what">{known ? say(known.description) : name}</span>
            <b class={value === null ? 'unknown' : ''}>{signalWords(value, known?.unit ?? '', t, format)}</b>
          </li>
        );
      })}
    </ul>
  );
}
