import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

export type Figures = Readonly<Record<string, number>>;

/** Two ways of doing the same, measured side by side. */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** The second is compared with the first. */
  readonly sides: readonly [string, string];
  /** Its own options and their defaults; each takes a number. */
  readonly options: Readonly<Record<string, number>>;
  /** Does the work once and throws when its outcome is not the right one: then there is nothing to compare. */
  run(side: string, options: Readonly<Record<string, number>>): Promise<Figures>;
  close?(): Promise<void>;
}

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * Runs both sides in turn, so that whatever else the machine does meets both, and a first pair for nobody's account.
 * Ratios are taken within each pair. Answers with the exit code.
 */
export async function compare(benchmark: Benchmark, args: readonly string[]): Promise<number> {
  const { pairs, out, options } = readArgs(benchmark, args);
  const [first, second] = benchmark.sides;
  const runs: Record<string, Figures>[] = [];
  try {
    for (let pair = -1; pair < pairs; pair++) {
      const order = pair % 2 === 0 ? [first, second] : [second, first];
      const figures: Record<string, Figures> = {};
      for (const side of order) figures[side] = await benchmark.run(side, options);
      process.stderr.write(`${pair < 0 ? 'warm-up' : `pair ${pair + 1}`}: ${JSON.stringify(figures)}\n`);
      if (pair >= 0) runs.push(figures);
    }
  } finally {
    await benchmark.close?.();
  }
  const names = Object.keys(runs[0]![first]!);
  const rows = names.map((name) => ({
    name,
    first: spread(runs.map((run) => run[first]![name]!)),
    second: spread(runs.map((run) => run[second]![name]!)),
    ratio: spread(runs.map((run) => run[second]![name]! / run[first]![name]!)),
  }));
  const machine = `${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.version}`;
  const { name, about } = benchmark;
  if (out !== undefined) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify({ name, about, machine, options, pairs, rows, runs }, null, 1)}\n`);
  }
  const cells = rows.map((row) => [row.name, ...[row.first, row.second, row.ratio].map(shown)]);
  const table = [['', first, second, `${second} / ${first}`], ['---', '---', '---', '---'], ...cells];
  const text = table.map((line) => `| ${line.join(' | ')} |`).join('\n');
  process.stdout.write(
    `${about}\n${machine}; ${JSON.stringify(options)}; ${pairs} pairs, min / median / max\n\n${text}\n`,
  );
  return 0;
}

function readArgs(benchmark: Benchmark, args: readonly string[]) {
  const own = Object.keys(benchmark.options).map((name) => [name, { type: 'string' as const }] as const);
  const { values } = parseArgs({
    args: [...args],
    options: { pairs: { type: 'string', default: '5' }, out: { type: 'string' }, ...Object.fromEntries(own) },
  });
  const given = values as Readonly<Record<string, string | undefined>>;
  const numberOf = (name: string, fallback: number): number => {
    const value = Number(given[name] ?? fallback);
    if (!Number.isFinite(value) || value < 0) throw new RangeError(`--${name} is no number: ${given[name]}`);
    return value;
  };
  const options = Object.entries(benchmark.options).map(([name, fallback]) => [name, numberOf(name, fallback)]);
  return {
    pairs: Math.max(1, Math.floor(numberOf('pairs', 5))),
    out: given['out'],
    options: Object.fromEntries(options) as Record<string, number>,
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}

const shown = ({ min, median, max }: Spread): string => [min, median, max].map(plain).join(' / ');

/** Three significant digits; a ratio to zero has no value. */
const plain = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '–');
