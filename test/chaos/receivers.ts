import { MailTrap } from '../support/mail-trap.js';
import type { MailManners } from '../support/mail-trap.js';
import { status, WebhookSink } from '../support/webhook-sink.js';
import type { Answer } from '../support/webhook-sink.js';

/** One alert as it reached somebody. */
export interface Arrival {
  readonly channel: 'email' | 'webhook';
  readonly id: string;
  readonly accepted: boolean;
}

const hang: Answer = () => {};
const cut: Answer = (response) => void response.socket?.destroy();
const trickle: Answer = (response) => {
  response.writeHead(200);
  response.write('.');
};
export const webhookManners = {
  accept: status(204),
  broken: status(500),
  busy: status(429, { 'retry-after': '1' }),
  moved: status(302, { location: 'http://127.0.0.1:1/' }),
  hang,
  cut,
  trickle,
} as const satisfies Record<string, Answer>;
export type WebhookManners = keyof typeof webhookManners;

/** Where alerts arrive: a mail server and a webhook that may behave badly. */
export class Receivers {
  readonly mail = new MailTrap();
  readonly hook = new WebhookSink();
  private manners: WebhookManners = 'accept';
  private readonly hookArrivals: Arrival[] = [];
  onArrival: (channel: 'email' | 'webhook') => void = () => {};

  async start(): Promise<this> {
    await this.mail.start();
    await this.hook.start();
    this.hook.answer = (response, request) => {
      // Who has answered with a 2xx has taken it, however the rest of the answer goes.
      const accepted = this.manners === 'accept' || this.manners === 'trickle';
      this.hookArrivals.push({ channel: 'webhook', id: String(request.headers['webhook-id']), accepted });
      this.onArrival('webhook');
      webhookManners[this.manners](response, request);
    };
    return this;
  }

  setMail(manners: MailManners): void {
    this.mail.manners = manners;
  }
  setHook(manners: WebhookManners): void {
    this.manners = manners;
  }

  get arrivals(): readonly Arrival[] {
    const mails = this.mail.mails.map(({ parsed }): Arrival => ({
      channel: 'email',
      id: String(parsed.headers.get('x-churnwatch-alert') ?? ''),
      accepted: true,
    }));
    return [...mails, ...this.hookArrivals];
  }

  async stop(): Promise<void> {
    await Promise.all([this.mail.stop(), this.hook.stop()]);
  }
}
