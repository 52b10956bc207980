import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { ClickHouseHistoryStore } from '#clickhouse';
import type { ActivityEvent } from '#domain';
import { epochMs, tenantId } from '#domain';
import type { EventLog } from '#pipeline';
import { admitter, EVENT_LOG, Sentinel, silent } from '#pipeline';
import { defaultAdmissionLimits } from '#contracts';
import { openHouseholds } from '#simulator';
import { startStandalone } from '../support/standalone.js';
import { storedMoves } from '../support/stored-moves.js';
import { Chapter, until } from './manual.js';

const readme = readFileSync('README.md', 'utf8');
const heading = '## Send an event and see the alert\n';
const section = readme.slice(readme.indexOf(heading)).slice(heading.length).split('\n## ')[0]!;
/** Each block of commands with the block of answers that follows it. */
const steps = [...section.matchAll(/```sh\n(.*?)```.*?```(?:text|json)\n(.*?)```/gs)].map(([, commands, answers]) => ({
  commands: commands!,
  answers: answers!.trim().split('\n'),
}));

/** The commands of the README do what it says they do, on the households it names as the demo leaves them. */
describe('the README', () => {
  const households = openHouseholds();
  const startedAt = Date.now();
  const clock = { now: () => epochMs(households.endAt + (Date.now() - startedAt)) };
  const named = new Set(section.match(/household-\d+/g));
  let manual: Chapter;
  let settled: Server;
  let movesBefore = 0;

  /** Of the flags it speaks of. */
  const moves = async (): Promise<number> =>
    (await storedMoves(manual.app.store)).filter(({ rule }) => section.includes(`"${rule}"`)).length;

  beforeAll(async () => {
    const options = { env: { PACK: 'merchant', EVENT_MAX_AGE_DAYS: '900' }, clock };
    // Their past is there before anybody decides, so that nobody's is decided event by event.
    const before = await startStandalone({ ...options, roles: ['gateway', 'tracker'] });
    const log = before.app.get<EventLog>(EVENT_LOG, { strict: false });
    const limits = { ...defaultAdmissionLimits, maxAgeMs: Infinity };
    const lives: ActivityEvent[] = [...households.events()].filter((event) => named.has(event.customer));
    await admitter({ log, clock, observe: silent, limits })(
      tenantId('default'),
      lives.map((event) => () => ({ kind: 'admitted', event })),
    );
    const histories = new ClickHouseHistoryStore(before.store);
    await until(
      'their past to be stored',
      async () => ((await histories.extent(tenantId('default')))?.events ?? 0) === lives.length,
    );
    await before.stop();
    manual = await Chapter.begin({ ...options, dataDir: before.dataDir });
    const handedOver = clock.now();
    const sentinel = manual.app.app.get(Sentinel, { strict: false });
    await until('the past to be decided', () => (sentinel.decidedUpTo ?? 0) > handedOver);
    // Where a reader pauses, this waits until a flag has moved.
    settled = createServer((_request, response) => {
      const answer = (): void => void response.end();
      until('a flag to move', async () => (await moves()) > movesBefore, 20_000).then(answer, answer);
    });
    await new Promise<void>((resolve) => settled.listen(0, '127.0.0.1', resolve));
  }, 120_000);
  afterAll(async () => {
    settled?.close();
    await manual?.end();
  });

  it('shows commands with their answers', () => {
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.length).toBe(section.match(/```sh\n/g)?.length);
  });

  it.each(steps)(
    'answers as it says: $answers.1',
    async ({ commands, answers }) => {
      movesBefore = await moves();
      const { port } = settled.address() as AddressInfo;
      const script = `set -eu; sleep() { curl -s http://127.0.0.1:${port}/; }\n${commands}`;
      const here = script.replaceAll('127.0.0.1:8080', new URL(manual.app.url!).host);
      const { stdout } = await promisify(execFile)('bash', ['-c', here]);
      let from = 0;
      for (const answer of answers) {
        expect(stdout.slice(from)).toContain(answer);
        from = stdout.indexOf(answer, from) + answer.length;
      }
    },
    60_000,
  );
});
