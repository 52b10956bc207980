import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AppProcess } from './app-process.js';
import type { Figures, Stored } from './app-process.js';
import { Load } from './load.js';
import { percentPerHour } from './slope.js';

const usage = `Keeps the whole app under steady load and watches what it takes.
usage: npm run soak -- [--minutes 30] [--rate EVENTS_PER_SECOND|half] [--customers 2000] [--out FILE.json]
--rate half (the default) first finds the rate that is just kept up with, then soaks at half of it.`;

interface Sample extends Figures {
  readonly seconds: number;
  readonly acknowledged: number;
}

const sampleEveryMs = 5_000;
const rampSeconds = 30;
/** More than this unfolded, or this far behind with decisions, is not keeping up. */
const mostBacklog = 20_000;
const mostBehindMs = 5_000;
const settleWithinMs = 180_000;

export async function soak(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const app = await AppProcess.start();
  try {
    const load = new Load(app.url, { seed: 20_261_122, customers: options.customers });
    const most = options.rate === 'half' ? await findMostRate(app, load) : null;
    const rate = options.rate === 'half' ? Math.max(1, Math.floor(most! / 2)) : options.rate;
    say(`soak: ${rate} events/s for ${options.minutes} min, ${options.customers} customers`);
    const samples = await watch(app, load, rate, options.minutes * 60_000);
    const faults = await check(app, load);
    const report = {
      at: new Date().toISOString(),
      ...options,
      mostRate: most,
      rate,
      sent: load.sent,
      acknowledged: load.acknowledged,
      slowestAnswerMs: Math.round(load.slowestMs),
      otherAnswers: Object.fromEntries(load.otherAnswers),
      slopes: slopesOf(samples),
      faults: faults.list,
      stored: faults.stored,
      samples,
    };
    mkdirSync(dirname(options.out), { recursive: true });
    writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`);
    tell(report);
    say(`written: ${options.out}`);
    return faults.list.length === 0 ? 0 : 1;
  } finally {
    await app.remove();
  }
}

function readOptions(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { minutes: text, rate: text, customers: text, out: text },
    });
    const minutes = Number(values.minutes ?? '30');
    const rate = values.rate === undefined || values.rate === 'half' ? ('half' as const) : Number(values.rate);
    const customers = Number(values.customers ?? '2000');
    const out = values.out ?? join(process.cwd(), '.churnwatch', 'soak', `soak-${Date.now()}.json`);
    const isFine = minutes > 0 && customers >= 1 && (rate === 'half' || rate > 0);
    return isFine ? { minutes, rate, customers, out } : null;
  } catch {
    return null;
  }
}

/** Sends as much as is taken, but never beyond what it keeps up with; what got through the last half counts. */
async function findMostRate(app: AppProcess, load: Load): Promise<number> {
  const over = new AbortController();
  let keepsUp = true;
  let half: { readonly at: number; readonly folded: number } | null = null;
  const sending = load.flatOut(() => Promise.resolve(keepsUp), over.signal);
  const startedAt = performance.now();
  let last = { at: startedAt, folded: 0 };
  while (performance.now() - startedAt < rampSeconds * 1_000) {
    const { folded, behindMs } = await app.figures();
    keepsUp = load.acknowledged - folded < mostBacklog && (behindMs ?? 0) < mostBehindMs;
    last = { at: performance.now(), folded };
    if (half === null && last.at - startedAt > rampSeconds * 500) half = last;
    await sleep(250);
  }
  over.abort();
  await sending;
  const rate = half === null ? 0 : ((last.folded - half.folded) / (last.at - half.at)) * 1_000;
  say(`most: ${Math.round(rate)} events/s over the last ${rampSeconds / 2} s`);
  await settled(app, load);
  return rate;
}

async function watch(app: AppProcess, load: Load, rate: number, forMs: number): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const over = new AbortController();
  const startedAt = performance.now();
  const outcome: { failure?: unknown } = {};
  const sending = load.steadily(rate, over.signal).catch((error: unknown) => (outcome.failure = error));
  for (
    let next = sampleEveryMs;
    performance.now() - startedAt < forMs && outcome.failure === undefined;
    next += sampleEveryMs
  ) {
    await sleep(Math.max(0, Math.min(next, forMs) - (performance.now() - startedAt)));
    const seconds = (performance.now() - startedAt) / 1_000;
    const sample = { seconds, acknowledged: load.acknowledged, ...(await app.figures()) };
    samples.push(sample);
    if (samples.length % 12 === 1) say(lineOf(sample));
  }
  over.abort();
  await sending;
  if (outcome.failure !== undefined) throw outcome.failure as Error;
  return samples;
}

/** Waits until everything acknowledged is folded and decided. */
async function settled(app: AppProcess, load: Load): Promise<boolean> {
  const until = performance.now() + settleWithinMs;
  while (performance.now() < until) {
    const { folded, behindMs } = await app.figures();
    if (folded >= load.acknowledged && behindMs !== null && behindMs < mostBehindMs) return true;
    await sleep(250);
  }
  return false;
}

/** Everything acknowledged is there once, in the events and in both kinds of window. */
async function check(app: AppProcess, load: Load): Promise<{ list: readonly string[]; stored: Stored }> {
  const list: string[] = [];
  if (!(await settled(app, load))) list.push('what was acknowledged was not folded and decided in time');
  const stored = await app.stored();
  const { rejected } = await app.counts();
  if (load.acknowledged !== load.sent) list.push(`${load.sent} sent, ${load.acknowledged} acknowledged`);
  if (stored.ids !== load.acknowledged) list.push(`${load.acknowledged} acknowledged, ${stored.ids} stored`);
  if (stored.rows !== stored.ids) list.push(`${stored.rows - stored.ids} stored twice`);
  if (stored.inHours !== stored.rows || stored.inDays !== stored.rows)
    list.push(`windows count ${stored.inHours} and ${stored.inDays} of ${stored.rows}`);
  if (rejected > 0 || stored.deadLetters > 0) list.push(`${rejected} refused, ${stored.deadLetters} dead letters`);
  return { list, stored };
}

const watched = ['rss', 'heapUsed', 'descriptors', 'threads', 'activeParts', 'parts'] as const;
type Watched = (typeof watched)[number];

/** The first quarter, and at least two minutes of a long run, is warm-up: caches fill and code is compiled. */
function slopesOf(samples: readonly Sample[]): Readonly<Record<Watched, number | null>> {
  const end = samples.at(-1)?.seconds ?? 0;
  const warmUp = Math.max(end / 4, Math.min(120, end / 2));
  const warm = samples.filter(({ seconds }) => seconds >= warmUp);
  const slope = (name: Watched): number | null =>
    percentPerHour(warm.map((sample) => ({ hours: sample.seconds / 3_600, value: sample[name] })));
  return Object.fromEntries(watched.map((name) => [name, slope(name)])) as Record<Watched, number | null>;
}

const mb = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;

const lineOf = (sample: Sample): string =>
  `${(sample.seconds / 60).toFixed(1).padStart(6)} min  rss ${mb(sample.rss)}  heap ${mb(sample.heapUsed)}  fds ${sample.descriptors}` +
  `  parts ${sample.activeParts}  acknowledged ${sample.acknowledged}  backlog ${sample.acknowledged - sample.folded}` +
  `  behind ${sample.behindMs ?? '-'} ms  loop p99 ${sample.loopP99Ms.toFixed(0)} ms`;

function tell(report: {
  readonly samples: readonly Sample[];
  readonly slopes: Readonly<Record<Watched, number | null>>;
  readonly acknowledged: number;
  readonly faults: readonly string[];
  readonly otherAnswers: Readonly<Record<string, number>>;
}): void {
  say(
    `\n${'figure'.padEnd(14)}${'first'.padStart(12)}${'last'.padStart(12)}${'most'.padStart(12)}${'%/h'.padStart(10)}`,
  );
  const show = (name: Watched, value: number): string =>
    name === 'rss' || name === 'heapUsed' ? mb(value) : String(value);
  for (const name of watched) {
    const values = report.samples.map((sample) => sample[name]);
    const [first, last, most] = [values[0] ?? 0, values.at(-1) ?? 0, Math.max(0, ...values)];
    const cells = [first, last, most].map((value) => show(name, value).padStart(12)).join('');
    say(`${name.padEnd(14)}${cells}${(report.slopes[name]?.toFixed(1) ?? '-').padStart(10)}`);
  }
  say(`\nacknowledged ${report.acknowledged}; other answers ${JSON.stringify(report.otherAnswers)}`);
  say(report.faults.length === 0 ? 'counts: all right' : `FAULTS: ${report.faults.join('; ')}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
