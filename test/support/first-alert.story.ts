import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { epochMs, HOUR, MINUTE, SECOND } from '#domain';
import type { EventLog } from '#pipeline';
import { EVENT_LOG } from '#pipeline';
import type { ToldEvent } from './send-events.js';
import { sendEvents } from './send-events.js';
import type { Standalone } from './standalone.js';
import { startStandalone, until } from './standalone.js';
import { storedMoves } from './stored-moves.js';

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** From an event sent in over HTTP to the mail somebody reads, on whatever log the settings name. */
export function firstAlertStory(settings: () => Readonly<Record<string, string>>): void {
  let app: Standalone;
  const start = async (dataDir?: string): Promise<Standalone> =>
    startStandalone({ env: { PACK: 'app', ...settings() }, ...(dataDir === undefined ? {} : { dataDir }) });
  const send = (events: readonly ToldEvent[]): Promise<void> => sendEvents(app.url!, events);
  const customer = async (id: string): Promise<{ flags: { rule: string; verdict: string; state: string }[] }> =>
    (await (await fetch(`${app.url}/v1/customers/${id}`)).json()) as never;
  const mails = (): string[] => {
    const box = join(app.dataDir, 'mailbox');
    return (existsSync(box) ? readdirSync(box) : []).map((file) => readFileSync(join(box, file), 'utf8'));
  };
  const movesOf = async (id: string) => (await storedMoves(app.store)).filter((move) => move.customer === id);
  const mailsTo = (id: string): number => mails().filter((mail) => mail.includes(`/customers/${id}`)).length;
  const crashes = (id: string, from = 0): ToldEvent[] =>
    [1, 2, 3].map((n) => ({
      id: `${id}-crash-${from + n}`,
      type: 'crash',
      subject: id,
      time: ago((10 - n - from) * SECOND),
    }));

  beforeAll(async () => {
    app = await start();
  }, 60_000);
  afterAll(async () => {
    await app?.stop();
    app?.forget();
  });

  it('raises a flag for three crashes, says so by mail, and shows it to whoever asks', async () => {
    await send(crashes('ada'));
    await until('the mail', () => mailsTo('ada') === 1);
    const [move] = await movesOf('ada');
    expect(move).toMatchObject({ rule: 'crash-spike', from: 'clear', to: 'firing', episode: 1 });
    const { flags } = await customer('ada');
    expect(flags.find((flag) => flag.rule === 'crash-spike')).toMatchObject({
      verdict: 'breach',
      state: 'firing',
    });
    const alerts = (await (await fetch(`${app.url}/v1/alerts?customer=ada`)).json()) as { alerts: unknown[] };
    expect(JSON.stringify(alerts)).toContain('Crashes in 24 hours: 3.');
  }, 60_000);

  it('raises the flag of a complaint that grows too old while nothing arrives, to the millisecond', async () => {
    const openedAt = epochMs(Date.now() - 72 * HOUR + 3 * SECOND);
    await send([{ id: 'bea-1', type: 'complaint_opened', subject: 'bea', time: new Date(openedAt).toISOString() }]);
    const [move] = await until('the move', async () => {
      const moves = await movesOf('bea');
      return moves.length > 0 ? moves : null;
    });
    expect(move).toMatchObject({
      rule: 'complaint-open-too-long',
      to: 'firing',
      becameDueAt: openedAt + 72 * HOUR + 1,
    });
  }, 60_000);

  it('clears a flag when the customer is served, and tells nobody a second time', async () => {
    // Who is served before the mail is out is not written to at all.
    await until('the mail', () => mailsTo('bea') === 1);
    await send([{ id: 'bea-2', type: 'complaint_closed', subject: 'bea', time: ago(0) }]);
    await until('the flag to clear', async () => (await movesOf('bea')).some((move) => move.to === 'clear'));
    expect(mailsTo('bea')).toBe(1);
  }, 60_000);

  it('keeps its word over a restart: same flags, no second alert, no event lost', async () => {
    await send(crashes('cem'));
    await until('the mail', () => mailsTo('cem') === 1);
    const before = (await storedMoves(app.store)).length;
    await app.stop();
    app = await start(app.dataDir);
    // One more crash of a customer whose flag is up already, and three of one who is new.
    await send([...crashes('cem', 3), ...crashes('dan')]);
    await until('the mail', () => mailsTo('dan') === 1, 60_000);
    expect(mailsTo('cem')).toBe(1);
    expect(mailsTo('ada')).toBe(1);
    expect((await storedMoves(app.store)).length).toBe(before + 1);
    expect((await customer('cem')).flags.find((flag) => flag.rule === 'crash-spike')).toMatchObject({
      state: 'firing',
    });
  }, 120_000);

  it('buries what it cannot read, with the reason, and goes on', async () => {
    const log = app.app.get<EventLog>(EVENT_LOG, { strict: false });
    const value = Buffer.from('{"specversion":"1.0","id":"x","type":"oder","subject":"eva"}');
    await log.append('churnwatch.activity.v1', [{ key: 'eva', value, timestamp: epochMs(Date.now()) }]);
    await send([{ id: 'eva-1', type: 'app_open', subject: 'eva', time: ago(MINUTE) }]);
    const letters = await until('the dead letter', async () => {
      const answer = await (await fetch(`${app.url}/v1/dead-letters`)).text();
      return answer.includes('did you mean') && answer;
    });
    expect(letters).toContain('unknown-type');
    await until('the customer', async () => (await fetch(`${app.url}/v1/customers/eva`)).status === 200);
  }, 60_000);
}
