import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AppProcess } from '../soak/app-process.js';

const usage = `The whole app under customers who come once and never again: what does one more cost in memory?
usage: npm run bench:one-shot -- [--customers 300000] [--out FILE.json]`;
const perRequest = 1_000;
const mostBacklog = 20_000;

interface Sample {
  readonly customers: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly tracked: number;
  readonly seconds: number;
}

export async function oneShot(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { customers: text, out: text, help: { type: 'boolean' } } });
  const customers = Number(values.customers ?? '300000');
  if (values.help || !(customers >= perRequest * 10)) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const out = values.out ?? join(process.cwd(), '.churnwatch', 'bench', 'one-shot.json');
  const app = await AppProcess.start();
  try {
    const samples = await send(app, customers);
    const stored = await app.stored();
    const report = { customers, bytesPerCustomer: bytesPerCustomer(samples), stored, samples };
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(report, null, 1)}\n`);
    process.stdout.write(`${JSON.stringify(report.bytesPerCustomer)}\nwritten: ${out}\n`);
    const isExact = stored.ids === customers && stored.rows === customers && stored.inHours === customers;
    process.stdout.write(isExact ? 'counts: all right\n' : `FAULT: ${JSON.stringify(stored)}\n`);
    return isExact ? 0 : 1;
  } finally {
    await app.remove();
  }
}

async function send(app: AppProcess, customers: number): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const sampleEvery = Math.ceil(customers / 20 / perRequest) * perRequest;
  for (let sent = 0; sent < customers; sent += perRequest) {
    const time = new Date().toISOString();
    const events = Array.from({ length: Math.min(perRequest, customers - sent) }, (_, n) => ({
      specversion: '1.0',
      source: 'one-shot',
      id: `${sent + n}`,
      type: 'app_open',
      subject: `visitor-${sent + n}`,
      time,
    }));
    await post(`${app.url}/v1/events`, JSON.stringify(events));
    const isTurn = (sent + perRequest) % sampleEvery === 0 || sent + perRequest >= customers;
    for (;;) {
      const { folded, behindMs, rss, heapUsed, tracked } = await app.figures();
      const backlog = Math.min(sent + perRequest, customers) - folded;
      if (isTurn ? backlog > 0 || behindMs === null || behindMs > 5_000 : backlog > mostBacklog) {
        await sleep(200);
        continue;
      }
      if (!isTurn) break;
      const seconds = (performance.now() - startedAt) / 1_000;
      samples.push({ customers: folded, rss, heapUsed, tracked, seconds });
      const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
      process.stdout.write(
        `${String(folded).padStart(9)} customers  rss ${mb(rss)}  heap ${mb(heapUsed)}  tracked ${tracked}  ${seconds.toFixed(0)} s\n`,
      );
      break;
    }
  }
  return samples;
}

async function post(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  for (;;) {
    const response = await fetch(url, { method: 'POST', headers, body });
    await response.arrayBuffer();
    if (response.status === 202) return;
    if (response.status !== 429 && response.status !== 503) throw new Error(`the gateway answered ${response.status}`);
    await sleep(Number(response.headers.get('retry-after') ?? '1') * 1_000);
  }
}

/** By the line through the second half of the samples. */
function bytesPerCustomer(samples: readonly Sample[]): { readonly rss: number; readonly heapUsed: number } {
  const half = samples.slice(Math.floor(samples.length / 2));
  const slope = (name: 'rss' | 'heapUsed'): number => {
    const meanX = half.reduce((sum, { customers }) => sum + customers, 0) / half.length;
    const meanY = half.reduce((sum, sample) => sum + sample[name], 0) / half.length;
    const up = half.reduce((sum, sample) => sum + (sample.customers - meanX) * (sample[name] - meanY), 0);
    return Math.round(up / half.reduce((sum, { customers }) => sum + (customers - meanX) ** 2, 0));
  };
  return { rss: slope('rss'), heapUsed: slope('heapUsed') };
}
