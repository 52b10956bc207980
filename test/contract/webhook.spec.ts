import { randomBytes } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { Webhook } from 'standardwebhooks';
import { webhookChannel } from '#channels';
import { epochMs } from '#domain';
import { anAlert } from '../support/an-alert.js';
import { status, WebhookSink } from '../support/webhook-sink.js';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const running = new AbortController().signal;

describe('the webhook', () => {
  let sink: WebhookSink;
  beforeEach(async () => {
    sink = await new WebhookSink().start();
  });
  afterEach(() => sink.stop());

  it('connects to the address that was checked, whatever the name stands for a moment later', async () => {
    const answers: LookupAddress[][] = [
      [{ address: '127.0.0.1', family: 4 }],
      [{ address: '169.254.169.254', family: 4 }],
    ];
    let asked = 0;
    const resolve = async (): Promise<LookupAddress[]> => answers[asked++]!;
    // A name of no zone (RFC 6761): were it looked up again, nothing would be found.
    const url = `http://rebinding.invalid:${sink.port}/hook`;
    const channel = webhookChannel({ url, secret, allowPrivate: true, resolve });
    expect(await channel.deliver(anAlert(), running)).toMatchObject({ kind: 'delivered' });
    expect(asked).toBe(1);
    expect(sink.hooks[0]!.headers.host).toBe(`rebinding.invalid:${sink.port}`);
    expect(await channel.deliver(anAlert(), running)).toMatchObject({ kind: 'retry', reason: 'unsafe-target' });
    expect(sink.hooks).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('follows no %i', async (code) => {
    const inside = await new WebhookSink().start();
    sink.answer = status(code, { location: inside.url });
    const channel = webhookChannel({ url: sink.url, secret, allowPrivate: true });
    expect(await channel.deliver(anAlert(), running)).toMatchObject({ kind: 'retry', reason: 'redirected' });
    await inside.stop();
    expect(inside.hooks).toEqual([]);
  });

  it('reads little of an endless reply', async () => {
    let written = 0;
    const hungUp = new Promise<void>((resolve) => {
      sink.answer = (response) => {
        const more = (): void => {
          do written += 16_384;
          while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        };
        response.writeHead(200).on('drain', more).on('close', resolve);
        more();
      };
    });
    const channel = webhookChannel({ url: sink.url, secret, allowPrivate: true });
    expect(await channel.deliver(anAlert(), running)).toMatchObject({ kind: 'delivered' });
    await hungUp;
    // Whatever the two sockets buffer on top of what is read.
    expect(written).toBeLessThan(16 << 20);
  });

  it('signs by the wall’s clock, and the same alert under the same id', async () => {
    const wallClock = { now: () => epochMs(1_700_000_000_999) };
    const channel = webhookChannel({ url: sink.url, secret, allowPrivate: true, wallClock });
    const alert = anAlert();
    await channel.deliver(alert, running);
    await channel.deliver(alert, running);
    const [first, second] = sink.hooks;
    expect(first!.headers['webhook-timestamp']).toBe('1700000000');
    expect(first!.headers['webhook-signature']).toBe(
      new Webhook(secret).sign(alert.id, new Date(1_700_000_000_000), first!.body),
    );
    expect(second!.headers['webhook-id']).toBe(alert.id);
    expect(second!.body).toBe(first!.body);
  });

  it('calls a retraction by a type of its own and names the alert', async () => {
    const channel = webhookChannel({ url: sink.url, secret, allowPrivate: true });
    const alert = anAlert();
    const withdrawal = anAlert({ kind: 'retraction', retracts: alert.id });
    for (const one of [alert, withdrawal]) await channel.deliver(one, running);
    const said = sink.hooks.map(
      ({ body }) => JSON.parse(body) as { type: string; id: string; data: { retracts: null } },
    );
    expect(said.map(({ type, id, data }) => [type, id, data.retracts])).toEqual([
      ['dev.churnwatch.action.requested', alert.id, null],
      ['dev.churnwatch.action.withdrawn', withdrawal.id, alert.id],
    ]);
  });

  it.each([
    ['plain http', { url: 'http://example.com/hunter2' }],
    ['credentials', { url: 'https://a:hunter2@example.com/' }],
    ['a short secret', { secret: 'whsec_aHVudGVyMg==' }],
    ['a secret that is no base64', { secret: 'whsec_!hunter2!hunter2!hunter2!hunter2!hunter2' }],
  ])('is not built with %s', (_, over) => {
    const build = () => webhookChannel({ url: 'https://example.com/', secret, allowPrivate: false, ...over });
    expect(build).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(build).not.toThrow(/hunter2/);
  });
});
