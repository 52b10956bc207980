import type { EpochMs, Pack } from '#domain';
import { DAY, isoOf } from '#domain';
import type { AlertQuality, Comparison, Label, Measurement } from '#pipeline';

export const labelText = (label: Label): string => {
  const days = label.horizonMs / DAY;
  const span = Number.isInteger(days) ? `${days}d` : `${label.horizonMs / 3_600_000}h`;
  return label.kind === 'event' ? `event ${label.type} ${span}` : `no activity ${span}`;
};

/** Everything that was measured, for a program: shares from 0 to 1, instants as ISO 8601, null where nothing is known. */
export function figures(pack: Pack, measured: Measurement, inForce?: Pack, compared?: Comparison): object {
  if (inForce === undefined || compared === undefined) return measuredFigures(pack, measured);
  const { alike, rules, customers } = compared.difference;
  const alerts = (of: readonly { readonly rule: string; readonly at: EpochMs }[]): object =>
    of.map(({ rule, at }) => ({ rule, at: isoOf(at) }));
  return {
    ...measuredFigures(pack, measured),
    against: {
      ...measuredFigures(inForce, compared.inForce),
      difference: {
        alike,
        rules: Object.fromEntries(rules.map(({ rule, ...counts }) => [rule, counts])),
        customers: customers.map(({ customer, added, dropped }) => ({
          customer,
          added: alerts(added),
          dropped: alerts(dropped),
        })),
      },
    },
  };
}

function measuredFigures(pack: Pack, measured: Measurement): object {
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
