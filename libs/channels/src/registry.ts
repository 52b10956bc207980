import { join } from 'node:path';
import type { Clock, Pack } from '#domain';
import { ChurnError } from '#domain';
import type { Channel, EventLog } from '#pipeline';
import type { CourierSettings, GeneralSettings } from '#platform';
import { emailChannel } from './email/email.channel.js';
import { Mailbox, mailboxTransport } from './email/mailbox.js';
import { smtpTransport } from './email/smtp.js';
import { topicChannel } from './topic/topic.channel.js';
import { webhookChannel } from './webhook/webhook.channel.js';

export type ChannelSettings = Pick<GeneralSettings, 'DATA_DIR' | 'LOCALE' | 'PUBLIC_URL'> &
  Omit<CourierSettings, 'ALERT_TTL_DAYS'>;

export interface ChannelParts {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Its signals explain the evidence in mails, its reasons the reason. */
  readonly pack: Pick<Pack, 'signals' | 'reasons'>;
}

/** Null where mails go to a server: nobody would find anything in a box. */
export const mailboxOf = (settings: Pick<ChannelSettings, 'SMTP_URL' | 'DATA_DIR'>): Mailbox | null =>
  settings.SMTP_URL === undefined ? new Mailbox(join(settings.DATA_DIR, 'mailbox')) : null;

/** Their names alone, for metrics that must exist before a channel does. */
export const channelNamesOf = (settings: Pick<ChannelSettings, 'WEBHOOK_URL'>): readonly string[] => [
  'email',
  'topic',
  ...(settings.WEBHOOK_URL === undefined ? [] : ['webhook']),
];

/** Every channel these settings turn on. Throws ChurnError CONFIG_INVALID. */
export function channelsOf(settings: ChannelSettings, parts: ChannelParts): readonly Channel[] {
  return [emailOf(settings, parts), topicChannel(parts.log, parts.clock), ...webhooksOf(settings)];
}

function emailOf(settings: ChannelSettings, { pack }: ChannelParts): Channel {
  const mailbox = mailboxOf(settings);
  const transport =
    mailbox === null
      ? smtpTransport({ url: settings.SMTP_URL ?? '', connections: settings.COURIER_CONCURRENCY })
      : mailboxTransport(mailbox);
  return emailChannel(transport, {
    locale: settings.LOCALE,
    from: settings.MAIL_FROM,
    to: settings.MAIL_TO,
    publicUrl: settings.PUBLIC_URL,
    // Not once and for all: other rules may come into force.
    get signals() {
      return pack.signals;
    },
    get reasons() {
      return pack.reasons;
    },
  });
}

function webhooksOf(settings: ChannelSettings): readonly Channel[] {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret, WEBHOOK_ALLOW_PRIVATE: allowPrivate } = settings;
  if (url === undefined) return [];
  if (secret === undefined) throw new ChurnError('CONFIG_INVALID', 'WEBHOOK_URL needs a WEBHOOK_SECRET');
  return [webhookChannel({ url, secret, allowPrivate })];
}
