import { createTransport } from 'nodemailer';
import type { DeliveryResult } from '#domain';
import { ChurnError, SECOND } from '#domain';
import type { Mail } from './compose.js';
import type { MailTransport } from './email.channel.js';
import { resultOfSmtpError } from './smtp-failure.js';

export interface SmtpOptions {
  /** smtp(s)://user:password@host:port */
  readonly url: string;
  readonly connections: number;
  /** For one mail from first to last: a server that trickles never lets a socket go idle. */
  readonly timeoutMs?: number;
  /** For the server's first words. */
  readonly greetingMs?: number;
}

/** Throws ChurnError CONFIG_INVALID. */
export function smtpTransport({
  url,
  connections,
  timeoutMs = 60 * SECOND,
  greetingMs = 10 * SECOND,
}: SmtpOptions): MailTransport {
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol)) {
    throw new ChurnError('CONFIG_INVALID', 'SMTP_URL must look like smtp://user:password@host:port');
  }
  const pool = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    // Retries are the courier's, where they are written down.
    maxRequeues: 0,
    dnsTimeout: 10 * SECOND,
    connectionTimeout: 10 * SECOND,
    greetingTimeout: greetingMs,
    socketTimeout: 30 * SECOND,
    // No text in a mail may bring in a file or a page.
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  async function send(mail: Mail, signal: AbortSignal): Promise<DeliveryResult> {
    const strangers = mail.to.filter((address) => !isAddress(address)).length;
    if (strangers > 0) {
      return {
        kind: 'retry',
        reason: 'unaddressed',
        detail: 'the playbook’s owner is no mail address and MAIL_TO is unset',
      };
    }
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const sent = await pool.sendMail({
        ...mail,
        to: [...mail.to],
        headers: { ...mail.headers },
        signal: AbortSignal.any([signal, late]),
      });
      // Those who have it must not get it twice for the sake of those who cannot.
      const refused = sent.rejected?.length ?? 0;
      return { kind: 'delivered', receipt: refused === 0 ? 'accepted' : `accepted, but not for ${refused} recipients` };
    } catch (error) {
      if (late.aborted) {
        return { kind: 'retry', reason: 'timeout', detail: `not sent within ${timeoutMs} ms`, mayHaveArrived: true };
      }
      return resultOfSmtpError(error);
    }
  }

  return { send, close: async () => pool.close({ force: true }) };
}

const isAddress = (text: string): boolean => /^(?:[^<>@\s]+|[^<>]*<[^<>@\s]+)@[^<>@\s]+>?$/.test(text);
