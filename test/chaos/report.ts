import { writeFileSync } from 'node:fs';
import type { Invariant, Violation } from './evidence.js';
import { invariants } from './evidence.js';
import { percentile } from './tally.js';
import type { FaultRow, Tally } from './tally.js';

export interface RoundReport {
  readonly plan: string;
  readonly world: string;
  readonly seed: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
  readonly counts: Readonly<Record<string, number>>;
  readonly injected: Readonly<Record<string, number>>;
}

export interface WholeReport {
  readonly json: unknown;
  readonly text: string;
}

const ms = (value: number | null): string => (value === null ? '' : String(Math.round(value)));

/** One table, readable as Markdown and in a terminal. */
export function report(run: {
  readonly seed: number;
  readonly switch?: string;
  readonly minutes: number;
  readonly tally: Tally;
  readonly rounds: readonly RoundReport[];
}): WholeReport {
  const rows = [...run.tally.rows.values()].sort((a, b) => a.fault.localeCompare(b.fault));
  const head = ['fault', 'times', ...invariants, 'undisturbed recovery p50 ms', 'p99 ms', 'never'];
  const cells = rows.map((row) => [
    row.fault,
    String(row.times),
    ...invariants.map((each) => String(row.violations[each] ?? 0)),
    ms(percentile(row.recoveriesMs, 0.5)),
    ms(percentile(row.recoveriesMs, 0.99)),
    String(row.unrecovered),
  ]);
  const totals = totalsOf(run.rounds);
  const lines = [
    table([head, ...cells]),
    '',
    `Seed ${run.seed}${run.switch === undefined ? '' : `, with ${run.switch}`}; ${run.rounds.length} rounds in ${run.minutes.toFixed(1)} minutes; ` +
      `seeds of the rounds: ${run.rounds.map(({ plan, world, seed }) => `${world} ${plan} ${seed}`).join(', ')}.`,
    '',
    `All together: ${Object.entries(totals)
      .map(([name, value]) => `${value} ${name}`)
      .join(', ')}.`,
    `Violations: ${invariants.map((each) => `${each} ${countOf(run.rounds, each)}`).join(', ')}.`,
  ];
  return {
    text: lines.join('\n'),
    json: {
      seed: run.seed,
      switch: run.switch ?? null,
      minutes: run.minutes,
      faults: rows.map(jsonOf),
      totals,
      violations: Object.fromEntries(invariants.map((each) => [each, countOf(run.rounds, each)])),
      rounds: run.rounds.map((round) => ({ ...round, violations: round.violations.slice(0, 50) })),
    },
  };
}

export function writeReport(file: string, { json, text }: WholeReport): void {
  writeFileSync(`${file}.json`, `${JSON.stringify(json, null, 1)}\n`);
  writeFileSync(`${file}.md`, `${text}\n`);
}

const countOf = (rounds: readonly RoundReport[], invariant: Invariant): number =>
  rounds.reduce((sum, { violations }) => sum + violations.filter((each) => each.invariant === invariant).length, 0);

function totalsOf(rounds: readonly RoundReport[]): Record<string, number> {
  const totals: Record<string, number> = { faults: 0, kills: 0 };
  for (const { injected, counts } of rounds) {
    for (const [fault, times] of Object.entries(injected)) {
      totals['faults']! += times;
      if (fault.startsWith('kill ')) totals['kills']! += times;
    }
    for (const [name, value] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + value;
  }
  return totals;
}

const jsonOf = ({ fault, times, violations, recoveriesMs, unrecovered }: FaultRow): unknown => ({
  fault,
  times,
  violations,
  recovery: { p50: percentile(recoveriesMs, 0.5), p99: percentile(recoveriesMs, 0.99), measured: recoveriesMs.length },
  unrecovered,
});

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
