/** Holds what a world left behind against what was sent: `verify.js EVIDENCE.json` writes a Verdict to stdout. */
import { readFileSync } from 'node:fs';
import { Store } from '#clickhouse';
import { loadPack } from '#pipeline';
import type { Evidence, Verdict, Violation } from './evidence.js';
import { checkAlerts } from './verify-alerts.js';
import { checkEvents } from './verify-events.js';
import { checkLetters } from './verify-letters.js';
import { checkMoves } from './verify-moves.js';
import { checkStages } from './verify-stages.js';
import { readLeft } from './what-is-left.js';

const evidence = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Evidence;
const database = 'churnwatch';
const store = new Store(
  'url' in evidence.store
    ? { url: evidence.store.url, username: 'default', password: '', database }
    : { path: evidence.store.path, database },
);
const left = await readLeft(store, evidence);
await store.close();
const pack = loadPack(evidence.pack);
const violations: Violation[] = [];
const counts: Record<string, number> = {};
checkEvents(evidence, left, violations, counts);
const expected = checkMoves(evidence, left, pack, violations, counts);
checkStages(evidence, left, pack, violations, counts);
checkAlerts(evidence, left, expected, violations, counts);
checkLetters(evidence, left, violations, counts);
const verdict: Verdict = { violations, counts };
process.stdout.write(JSON.stringify(verdict), () => process.exit(0));
