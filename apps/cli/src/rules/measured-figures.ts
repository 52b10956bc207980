import type { Pack } from '#domain';
import { DAY, isoOf } from '#domain';
import type { AlertQuality, Label, Measurement } from '#pipeline';

export const labelText = (label: Label): string => {
  const days = label.horizonMs / DAY;
  const span = Number.isInteger(days) ? `${days}d` : `${label.horizonMs / 3_600_000}h`;
  return label.kind === 'event' ? `event ${label.type} ${span}` : `no activity ${span}`;
};

/** Everything that was measured, for a program: shares from 0 to 1, instants as ISO 8601, null where nothing is known. */
export function figures(pack: Pack, measured: Measurement): object {
  const { rules, anyRule, firstAlert, from, to, label, ...counts } = measured;
  return {
    pack: { name: pack.name, version: pack.version },
    label: labelText(label),
    from: isoOf(from),
    to: isoOf(to),
    ...counts,
    rules: Object.fromEntries(rules.map(({ rule, ...quality }) => [rule, dated(quality)])),
    anyRule: dated(anyRule),
    firstAlert: dated(firstAlert),
  };
}

const dated = ({ busiest, ...quality }: AlertQuality): object => ({
  ...quality,
  busiest: busiest && { ...busiest, day: isoOf(busiest.day).slice(0, 10) },
});
