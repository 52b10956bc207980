import type { AlertId, DeliveryResult } from '#domain';
import type { Channel } from '#pipeline';
import type { Mail, MailStyle } from './compose.js';
import { compose } from './compose.js';

/** The last step of a mail. Reports like a channel. */
export interface MailTransport {
  send(mail: Mail, signal: AbortSignal, id: AlertId): Promise<DeliveryResult>;
  close(): Promise<void>;
}

/** One mail per alert, in the reader's language. */
export function emailChannel(transport: MailTransport, style: MailStyle): Channel {
  return {
    name: 'email',
    deliver: (alert, signal) => transport.send(compose(alert, style), signal, alert.id),
    close: () => transport.close(),
  };
}
