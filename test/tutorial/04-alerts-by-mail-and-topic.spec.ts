import { topics } from '#contracts';
import { SECOND } from '#domain';
import type { Journal } from '#pipeline';
import { JOURNAL } from '#pipeline';
import { MailTrap } from '../support/mail-trap.js';
import { ago, Chapter, until } from './manual.js';

// Chapter 4. An alert is stored together with the move of its flag, and is sent from there: a crash between the two cannot
// lose it. Every alert goes by mail to the owner of its playbook and onto the action topic for your own services, and to a
// signed webhook if you name one (WEBHOOK_URL). Without a mail server (SMTP_URL) mails stay at /mailbox.
describe('4. Alerts by mail and topic', () => {
  const mailServer = new MailTrap();
  let manual: Chapter;
  beforeAll(async () => {
    await mailServer.start();
    const env = { SMTP_URL: mailServer.url, LOCALE: 'zh', PUBLIC_URL: 'https://watch.example.com/' };
    manual = await Chapter.begin({ env });
    const crashes = [30, 20, 10].map((s) => ({ type: 'crash', subject: 'ada', time: ago(s * SECOND) }));
    await manual.tell(...crashes);
  }, 60_000);
  afterAll(async () => {
    await manual?.end();
    await mailServer.stop();
  });

  // In the language of LOCALE; who, why, what to do, by when, and a link to the customer's page.
  it('reaches the owner by mail', async () => {
    await until('the mail', () => mailServer.mails.length > 0);
    const [mail] = mailServer.mails;
    expect(mail!.recipients).toEqual(['support@churnwatch.local']);
    expect(mail!.parsed.subject).toContain('客户端频繁闪退');
    expect(mail!.parsed.text).toContain('24 小时内闪退 3 次。');
    expect(mail!.parsed.text).toContain('https://watch.example.com/#/customers/ada');
  });

  // The same alert as a CloudEvent keyed by customer, for whatever carries out the action.
  it('reaches other services through the action topic, under the same id', async () => {
    const [alert] = await manual.alerts('ada');
    const journal = manual.app.app.get<Journal>(JOURNAL, { strict: false });
    const [record] = await until('the action', async () => {
      const records = await journal.read(topics.action.name, 0, 0, 10);
      return records.length > 0 ? records : null;
    });
    expect(record!.key).toBe('ada');
    const action = JSON.parse(Buffer.from(record!.value!).toString()) as unknown;
    expect(action).toMatchObject({
      type: 'dev.churnwatch.action.requested',
      id: alert!.id,
      data: { customer: 'ada', rule: 'crash-spike', playbook: { id: 'apologise-and-fix' } },
    });
  });

  // What is known of each delivery stands with the alert: the channel, how it went, after how many tries.
  it('says how it was delivered', async () => {
    const delivered = await until('both deliveries', async () => {
      const [alert] = await manual.alerts('ada');
      return alert?.deliveries.length === 2 ? alert.deliveries : null;
    });
    expect(delivered).toMatchObject([
      { channel: 'email', state: 'delivered', attempts: 1 },
      { channel: 'topic', state: 'delivered', attempts: 1 },
    ]);
    expect(mailServer.mails).toHaveLength(1);
  });
});
