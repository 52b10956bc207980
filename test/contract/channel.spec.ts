import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mailbox, emailChannel, mailboxTransport, smtpTransport, topicChannel, webhookChannel } from '#channels';
import { ChurnError, DAY, systemClock } from '#domain';
import type { EventLog } from '#pipeline';
import type { MailManners } from '../support/mail-trap.js';
import { closedPort, MailTrap } from '../support/mail-trap.js';
import type { Answer } from '../support/webhook-sink.js';
import { status, WebhookSink } from '../support/webhook-sink.js';
import type { FarSide } from './channel.contract.js';
import { channelContract } from './channel.contract.js';

const style = {
  locale: 'en',
  from: 'Churnwatch <alerts@example.com>',
  to: undefined,
  publicUrl: 'http://127.0.0.1:8080',
  signals: [],
  reasons: [],
} as const;

const smtp =
  (manners: MailManners, options: { readonly timeoutMs?: number; readonly greetingMs?: number } = {}) =>
  async (): Promise<FarSide> => {
    const auth = manners === 'wrong-password';
    const trap = await new MailTrap().start({ auth });
    trap.manners = manners;
    const url = auth ? trap.url.replace('smtp://', 'smtp://eve:hunter2@') : trap.url;
    const channel = emailChannel(smtpTransport({ url, connections: 2, ...options }), style);
    return { channel, secrets: ['hunter2', 'eve', 'example.com', '127.0.0.1'], stop: () => trap.stop() };
  };

channelContract('mail', {
  stuck: smtp('mute-after-data'),
  cases: [
    { when: 'the server takes the mail', far: smtp('accept'), expected: { kind: 'delivered' } },
    {
      when: 'the recipient is greylisted',
      far: smtp('greylist'),
      expected: { kind: 'retry', reason: 'deferred' },
    },
    { when: 'the mailbox is full', far: smtp('full'), expected: { kind: 'retry', reason: 'deferred' } },
    { when: 'nobody has the address', far: smtp('no-such-user'), expected: { kind: 'give-up', reason: 'rejected' } },
    { when: 'the mail is refused', far: smtp('refuse-data'), expected: { kind: 'give-up', reason: 'rejected' } },
    {
      when: 'the connection drops after DATA',
      far: smtp('drop-after-data'),
      expected: { kind: 'retry', reason: 'unreachable' },
      mayHaveArrived: true,
    },
    {
      when: 'the connection drops amid DATA',
      far: smtp('drop-in-data'),
      expected: { kind: 'retry', reason: 'unreachable' },
      mayHaveArrived: true,
    },
    { when: 'the server is too busy', far: smtp('busy'), expected: { kind: 'retry', reason: 'throttled' } },
    {
      when: 'the server never greets',
      far: smtp('mute-from-the-start', { greetingMs: 300 }),
      expected: { kind: 'retry', reason: 'timeout' },
    },
    { when: 'the password is wrong', far: smtp('wrong-password'), expected: { kind: 'retry', reason: 'refused' } },
    {
      when: 'the server is slow',
      far: smtp('mute-after-data', { timeoutMs: 300 }),
      expected: { kind: 'retry', reason: 'timeout' },
      mayHaveArrived: true,
    },
    {
      when: 'nobody listens',
      far: async () => {
        const url = `smtp://eve:hunter2@127.0.0.1:${await closedPort()}`;
        const channel = emailChannel(smtpTransport({ url, connections: 1 }), style);
        return { channel, secrets: ['hunter2', '127.0.0.1'], stop: async () => {} };
      },
      expected: { kind: 'retry', reason: 'unreachable' },
    },
  ],
});

const mailbox = (broken: boolean) => async (): Promise<FarSide> => {
  const folder = await mkdtemp(join(tmpdir(), 'mailbox-'));
  if (broken) await writeFile(join(folder, 'box'), 'in the way');
  const channel = emailChannel(mailboxTransport(new Mailbox(join(folder, 'box'))), style);
  return { channel, secrets: [folder], stop: () => rm(folder, { recursive: true }) };
};

channelContract('mailbox', {
  stuck: null,
  cases: [
    { when: 'the folder can be written', far: mailbox(false), expected: { kind: 'delivered' } },
    {
      when: 'something is in the folder’s way',
      far: mailbox(true),
      expected: { kind: 'retry', reason: 'unreachable' },
    },
  ],
});

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const hook =
  (answer: Answer, options: { readonly timeoutMs?: number } = {}) =>
  async (): Promise<FarSide> => {
    const sink = await new WebhookSink().start();
    sink.answer = answer;
    const url = `${sink.url}?token=hunter2`;
    const channel = webhookChannel({ url, secret, allowPrivate: true, ...options });
    return { channel, secrets: ['hunter2', secret, '127.0.0.1', 'far side says'], stop: () => sink.stop() };
  };
const dripping: Answer = (response) => {
  const drip = setInterval(() => response.socket?.write('X'), 20);
  response.socket?.write('HTTP/1.1 200 OK\r\nX-Slow: ');
  response.socket?.on('close', () => clearInterval(drip));
};
const drippingBody: Answer = (response) => {
  response.writeHead(200);
  const drip = setInterval(() => response.write('x'), 20);
  response.on('close', () => clearInterval(drip));
};
const endless: Answer = (response) => {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(16_384)));
  };
  response.on('drain', more);
  more();
};

channelContract('webhook', {
  stuck: hook(() => {}),
  cases: [
    { when: 'the answer is 204', far: hook(status(204)), expected: { kind: 'delivered' } },
    { when: 'the answer is 200', far: hook(status(200)), expected: { kind: 'delivered' } },
    { when: 'the reply never ends', far: hook(endless), expected: { kind: 'delivered' } },
    {
      when: 'it is redirected inside',
      far: hook(status(302, { location: 'http://169.254.169.254/' })),
      expected: { kind: 'retry', reason: 'redirected' },
    },
    {
      when: 'the answer is 400',
      far: hook((response) => response.writeHead(400).end('the far side says: hunter2')),
      expected: { kind: 'give-up', reason: 'rejected' },
    },
    { when: 'the answer is 404', far: hook(status(404)), expected: { kind: 'retry', reason: 'refused' } },
    { when: 'the answer is 410', far: hook(status(410)), expected: { kind: 'give-up', reason: 'gone' } },
    {
      when: 'the answer is 429',
      far: hook(status(429, { 'retry-after': '30' })),
      expected: { kind: 'retry', reason: 'throttled', afterMs: 30_000 },
    },
    {
      when: 'it asks for a year',
      far: hook(status(503, { 'retry-after': '31536000' })),
      expected: { kind: 'retry', reason: 'server-error', afterMs: DAY },
      mayHaveArrived: true,
    },
    {
      when: 'it asks for patience until a date',
      far: hook((response) => {
        // Whole seconds: the answer is at most one short of what was asked for.
        const until = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 60_000).toUTCString();
        response.writeHead(503, { 'retry-after': until }).end();
      }),
      expected: {
        kind: 'retry',
        reason: 'server-error',
        afterMs: expect.closeTo(60_000, -4) as number,
      },
      mayHaveArrived: true,
    },
    {
      when: 'it asks for patience until a date long gone',
      far: hook(status(429, { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' })),
      expected: { kind: 'retry', reason: 'throttled' },
    },
    {
      when: 'the answer is 500',
      far: hook(status(500)),
      expected: { kind: 'retry', reason: 'server-error' },
      mayHaveArrived: true,
    },
    {
      when: 'the answer is 408',
      far: hook(status(408)),
      expected: { kind: 'retry', reason: 'timeout' },
      mayHaveArrived: true,
    },
    {
      when: 'the headers drip in',
      far: hook(dripping, { timeoutMs: 300 }),
      expected: { kind: 'retry', reason: 'timeout' },
      mayHaveArrived: true,
    },
    { when: 'the body drips in', far: hook(drippingBody), expected: { kind: 'delivered' } },
    {
      when: 'no answer comes',
      far: hook(() => {}, { timeoutMs: 300 }),
      expected: { kind: 'retry', reason: 'timeout' },
      mayHaveArrived: true,
    },
    {
      when: 'the connection is reset after the body',
      far: hook((response) => response.socket?.resetAndDestroy()),
      expected: { kind: 'retry', reason: 'unreachable' },
      mayHaveArrived: true,
    },
    {
      when: 'it speaks another protocol',
      far: hook((response) => response.socket?.end('220 the far side says hello\r\n')),
      expected: { kind: 'retry', reason: 'unreachable' },
      mayHaveArrived: true,
    },
    {
      when: 'its headers are enormous',
      far: hook((response) => response.writeHead(200, { 'x-big': 'x'.repeat(40_000) }).end()),
      expected: { kind: 'retry', reason: 'unreachable' },
      mayHaveArrived: true,
    },
    {
      when: 'nobody listens',
      far: async () => {
        const url = `http://127.0.0.1:${await closedPort()}/hunter2`;
        const channel = webhookChannel({ url, secret, allowPrivate: true });
        return { channel, secrets: ['hunter2', '127.0.0.1'], stop: async () => {} };
      },
      expected: { kind: 'retry', reason: 'unreachable' },
    },
    {
      when: 'its name leads inside',
      far: async () => {
        const resolve = async () => [{ address: '10.0.0.7', family: 4 }];
        const channel = webhookChannel({ url: 'https://evil.example/hunter2', secret, allowPrivate: false, resolve });
        return { channel, secrets: ['hunter2', 'evil', '10.0.0.7'], stop: async () => {} };
      },
      expected: { kind: 'retry', reason: 'unsafe-target' },
    },
    {
      when: 'its name has no address',
      far: async () => {
        const resolve = () => Promise.reject(new Error('getaddrinfo ENOTFOUND evil.example'));
        const channel = webhookChannel({ url: 'https://evil.example/', secret, allowPrivate: false, resolve });
        return { channel, secrets: ['evil'], stop: async () => {} };
      },
      expected: { kind: 'retry', reason: 'unreachable' },
    },
    {
      when: 'the resolver is stuck',
      far: async () => {
        const resolve = () => new Promise<never>(() => {});
        const channel = webhookChannel({
          url: 'https://evil.example/',
          secret,
          allowPrivate: false,
          resolve,
          timeoutMs: 100,
        });
        return { channel, secrets: ['evil'], stop: async () => {} };
      },
      expected: { kind: 'retry', reason: 'timeout' },
    },
  ],
});

const topic = (append: EventLog['append']) => async (): Promise<FarSide> => {
  const log: EventLog = { append, ends: async () => [], partitionCount: async () => 1 };
  return { channel: topicChannel(log, systemClock), secrets: ['hunter2'], stop: async () => {} };
};

channelContract('topic', {
  stuck: topic(() => new Promise(() => {})),
  cases: [
    { when: 'the log has it', far: topic(async () => {}), expected: { kind: 'delivered' } },
    {
      when: 'the log is away',
      far: topic(() => Promise.reject(new ChurnError('LOG_UNAVAILABLE', 'broker hunter2 is away'))),
      expected: { kind: 'retry', reason: 'unreachable' },
      mayHaveArrived: true,
    },
    {
      when: 'the log fails in a way nobody foresaw',
      far: topic(() => Promise.reject(new TypeError('hunter2'))),
      expected: { kind: 'retry', reason: 'unreachable' },
      mayHaveArrived: true,
    },
  ],
});
