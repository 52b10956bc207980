import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseJournal } from '#clickhouse';
import { decodeTransition, topics } from '#contracts';
import { DAY, SECOND } from '#domain';
import { EVENT_LOG } from '#pipeline';
import type { EventLog } from '#pipeline';
import { eventsAt, sendEvents } from '../support/send-events.js';
import type { Standalone } from '../support/standalone.js';
import { startStandalone, until } from '../support/standalone.js';

describe('a visit that is read after its customer was found silent', () => {
  let app: Standalone;
  beforeAll(async () => {
    app = await startStandalone({ env: { PACK: 'app' } });
  }, 60_000);
  afterAll(async () => {
    await app?.stop();
    app?.forget();
  });

  const send = (visits: readonly number[], customer = 'ada', type = 'app_open'): Promise<void> =>
    sendEvents(app.url!, eventsAt(customer, type, visits));
  const mails = (): string[] => {
    const box = join(app.dataDir, 'mailbox');
    return (existsSync(box) ? readdirSync(box) : []).map((file) => readFileSync(join(box, file), 'utf8'));
  };
  const published = async () => {
    const journal = new ClickHouseJournal(app.store);
    const count = await app.app.get<EventLog>(EVENT_LOG, { strict: false }).partitionCount(topics.riskTransitions.name);
    const records = await Promise.all(
      Array.from({ length: count }, (_, partition) => journal.read(topics.riskTransitions.name, partition, 0, 1_000)),
    );
    return records.flat().flatMap(({ value }) => {
      const reading = decodeTransition(value!);
      return reading.kind === 'read' && reading.transition.rule === 'silent-beyond-rhythm' ? [reading] : [];
    });
  };

  it('takes the alert back, on the topic and in the mailbox', async () => {
    // Every day, and then for five days nothing: the flag is to be raised in three seconds.
    const last = Date.now() - 5 * DAY + 3 * SECOND;
    await send(Array.from({ length: 20 }, (_, day) => last - day * DAY));
    await until('the alert to arrive', () => mails().some((mail) => mail.includes('/customers/ada')), 60_000);

    // The phone had been offline: she was there yesterday.
    await send([last + 4 * DAY]);
    const moves = await until('the retraction on the topic', async () => {
      const all = await published();
      return all.some(({ transition }) => transition.to === 'retracted') ? all : null;
    });
    expect(moves.map(({ transition: move }) => `${move.sequence} ${move.from}>${move.to}`)).toEqual([
      '1 clear>firing',
      '2 firing>retracted',
    ]);
    const [told, retraction] = moves.map(({ alert }) => alert);
    expect(retraction).toMatchObject({ kind: 'retraction', retracts: told!.id, episode: told!.episode });
    expect(retraction!.text.en).toContain(`the visit of ${new Date(last + 4 * DAY).toISOString().slice(0, 10)}`);

    const mail = await until('the retraction in the mailbox', () =>
      mails().find((each) => each.includes(retraction!.id)),
    );
    expect(mail).toContain(`X-Churnwatch-Retracts: ${told!.id}`);
    const { flags } = (await (await fetch(`${app.url}/v1/customers/ada`)).json()) as {
      flags: { rule: string; state: string }[];
    };
    expect(flags.find(({ rule }) => rule === 'silent-beyond-rhythm')).toMatchObject({ state: 'retracted' });
  }, 120_000);

  it('takes it back also when nobody was looking as the visit came in', async () => {
    const last = Date.now() - 5 * DAY + 3 * SECOND;
    await send(
      Array.from({ length: 20 }, (_, day) => last - day * DAY),
      'bea',
    );
    await until('the alert to arrive', () => mails().some((mail) => mail.includes('/customers/bea')), 60_000);

    // The one who decides is away; the visit is taken in and counted meanwhile.
    await app.stop();
    const { dataDir } = app;
    app = await startStandalone({ env: { PACK: 'app' }, dataDir, roles: ['gateway', 'tracker'] });
    const counted = (events: number) =>
      until(`${events} events to be counted`, async () => {
        const answer = await fetch(`${app.url}/v1/customers/bea`);
        const { timeline } = (await answer.json()) as { timeline: { kind: string }[] };
        return timeline.filter(({ kind }) => kind === 'event').length === events;
      });
    await send([last + 4 * DAY], 'bea');
    await counted(21);
    // What was stored last is stored again by the next start, and told again: the visit is not to be that.
    await send([Date.now()], 'bea', 'crash');
    await counted(22);
    await app.stop();
    app = await startStandalone({ env: { PACK: 'app' }, dataDir });
    const moves = await until('the flag to move', async () => {
      const all = (await published()).filter(({ transition }) => transition.customer === 'bea');
      return all.length > 1 ? all : null;
    });
    expect(moves.map(({ transition: move }) => `${move.from}>${move.to}`)).toEqual([
      'clear>firing',
      'firing>retracted',
    ]);
  }, 120_000);
});
