import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { topics } from '#contracts';
import { MemoryDeliveryLog } from '#pipeline/testing';
import { anAlert, raisedAt } from '../support/an-alert.js';
import { MailTrap } from '../support/mail-trap.js';
import { status, WebhookSink } from '../support/webhook-sink.js';
import type { RunningCourier } from './courier-world.js';
import { eventually, startCourier } from './courier-world.js';

describe('an alert on its way', () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  let trap: MailTrap;
  let sink: WebhookSink;
  let deliveries: MemoryDeliveryLog;
  let folder: string;
  const running: RunningCourier[] = [];

  const start = async (over: Readonly<Record<string, string>> = {}): Promise<RunningCourier> => {
    const courier = await startCourier(deliveries, {
      DATA_DIR: folder,
      SMTP_URL: trap.url,
      MAIL_FROM: 'Churnwatch <alerts@example.com>',
      WEBHOOK_URL: sink.url,
      WEBHOOK_SECRET: secret,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      ...over,
    });
    running.push(courier);
    return courier;
  };
  const delivered = (id: string): Promise<readonly string[]> =>
    eventually(() => {
      const done = deliveries.attempts.filter((attempt) => attempt.alert === id && attempt.state === 'delivered');
      return done.length >= 3 && done.map(({ channel }) => channel).toSorted();
    });

  beforeEach(async () => {
    trap = await new MailTrap().start();
    sink = await new WebhookSink().start();
    deliveries = new MemoryDeliveryLog();
    folder = await mkdtemp(join(tmpdir(), 'courier-'));
  });
  afterEach(async () => {
    for (const courier of running.splice(0)) await courier.stop();
    await trap.stop();
    await sink.stop();
    await rm(folder, { recursive: true });
  });

  it('arrives as a mail, as a signed call and on the action topic', async () => {
    const courier = await start();
    const alert = anAlert();
    deliveries.raise(alert);
    await courier.publish(alert);
    expect(await delivered(alert.id)).toEqual(['email', 'topic', 'webhook']);

    const [mail] = trap.mails;
    expect(mail!.recipients).toEqual(['retention@example.com']);
    expect(mail!.parsed.messageId).toBe(`<${alert.id}@example.com>`);
    expect(mail!.parsed.text).toContain('no visit for 21 d (usual gap 4.2 d)');

    const [hook] = sink.hooks;
    const said = new Webhook(secret).verify(hook!.body, hook!.headers as Record<string, string>);
    expect(said).toMatchObject({
      specversion: '1.0',
      id: alert.id,
      subject: alert.customer,
      data: { text: alert.text, playbook: { id: 'call-back' } },
    });
    expect(hook!.headers).toMatchObject({
      'webhook-id': alert.id,
      'content-type': expect.stringContaining('application/cloudevents+json'),
    });
    expect(() => new Webhook(secret).verify(`${hook!.body} `, hook!.headers as Record<string, string>)).toThrow();

    const ends = await courier.events.ends([topics.action.name]);
    expect(ends.reduce((sum, { endOffset }) => sum + endOffset, 0)).toBe(1);
  });

  it('is found in the outbox at the start when its transition was missed', async () => {
    const alert = anAlert();
    deliveries.raise(alert);
    await start();
    await delivered(alert.id);
    expect(trap.mails).toHaveLength(1);
  });

  it('goes out again under the same id when the courier died before writing down that it had arrived', async () => {
    const alert = anAlert();
    deliveries.raise(alert);
    const record = deliveries.record;
    deliveries.record = () => new Promise(() => {});
    const dying = await start();
    await dying.publish(alert);
    await eventually(() => trap.mails.length === 1 && sink.hooks.length === 1);
    await dying.crash();
    expect(deliveries.attempts).toEqual([]);

    deliveries.record = record;
    const next = await start();
    await next.publish(alert);
    await delivered(alert.id);
    expect(trap.mails.map(({ parsed }) => parsed.messageId)).toEqual(
      Array.from({ length: 2 }, () => `<${alert.id}@example.com>`),
    );
    expect(sink.hooks.map(({ headers }) => headers['webhook-id'])).toEqual([alert.id, alert.id]);
  });

  it('never goes out again once it is written down, whoever brings it up', async () => {
    const alert = anAlert();
    deliveries.raise(alert);
    const first = await start();
    await first.publish(alert);
    await delivered(alert.id);
    await first.stop();

    const next = await start();
    const marker = anAlert();
    deliveries.raise(marker);
    await next.publish(alert, marker);
    await delivered(marker.id);
    expect(trap.received).toBe(2);
    expect(sink.hooks.map(({ headers }) => headers['webhook-id'])).toEqual([alert.id, marker.id]);
  });

  it('reaches everybody else while one receiver is down', async () => {
    sink.answer = status(503);
    trap.manners = 'greylist';
    const courier = await start();
    const alert = anAlert();
    deliveries.raise(alert);
    await courier.publish(alert);
    await eventually(() => deliveries.attempts.length === 3);
    const states = Object.fromEntries(deliveries.attempts.map(({ channel, state }) => [channel, state]));
    expect(states).toEqual({ topic: 'delivered', email: 'retrying', webhook: 'retrying' });
    expect(JSON.stringify(deliveries.attempts)).not.toContain('retention@example.com');
  });

  it('is not held up by records that nobody can read', async () => {
    const courier = await start();
    const rubbish = ['', 'rubbish', '{}', '{"specversion":"1.0"}'].map((text, n) => ({
      key: `k${n}`,
      value: Buffer.from(text),
      timestamp: raisedAt,
    }));
    await courier.events.append(topics.riskTransitions.name, rubbish);
    const alert = anAlert();
    deliveries.raise(alert);
    await courier.publish(alert);
    await delivered(alert.id);
    await eventually(() => courier.warnings.length === 4);
    expect(new Set(courier.warnings)).toEqual(new Set(['transition-unreadable']));
  });

  it('stays in the local mailbox while no mail server is set, where a person can read it safely', async () => {
    const courier = await start({ SMTP_URL: '' });
    const alert = anAlert({ title: { en: '<img src=x onerror=alert(1)>"\'', zh: '突然沉默' } });
    deliveries.raise(alert);
    await courier.publish(alert);
    await delivered(alert.id);

    const list = await courier.get('/mailbox?lang=zh');
    expect([list.status, list.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const listed = await list.text();
    expect(listed).toContain('本地邮箱');
    expect(listed).toContain(`/mailbox/${alert.id}`);
    expect(listed).not.toContain('<img');

    const one = await courier.get(`/mailbox/${alert.id}`, { 'accept-language': 'en-GB,en' });
    expect(one.headers.get('content-security-policy')).toContain("default-src 'none'");
    const shown = await one.text();
    expect(shown).toMatch(
      /<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"[^>]*srcdoc="&lt;!doctype/,
    );
    expect(shown).not.toContain('<img');
    expect(shown).toContain('Text part');

    for (const id of ['nothing', '..%2f..%2fetc%2fpasswd', '%00', '%2e%2e']) {
      expect((await courier.get(`/mailbox/${id}`)).status).toBe(404);
    }
  });

  it('has no mailbox page where mails go to a server', async () => {
    const courier = await start();
    expect((await courier.get('/mailbox')).status).toBe(404);
  });
});
