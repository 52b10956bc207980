import type { DeliveryResult } from '#domain';

/** What nodemailer tells of a failure; its messages and the server's speeches may hold addresses and are left out. */
interface SmtpError {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
  readonly timeoutType?: string;
  readonly syscall?: string;
}

/**
 * 4xx replies pass, 5xx replies stay (RFC 5321, 4.2.1). Where nobody knows whether the server kept the mail, it is sent
 * again under the same Message-ID.
 */
export function resultOfSmtpError(error: unknown): DeliveryResult {
  const failure = (error ?? {}) as SmtpError;
  const { code = '', responseCode, response, command } = failure;
  // Keys and accounts are put right by people, and the mail can still go out then.
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2' || code === 'ETLS') {
    return { kind: 'retry', reason: 'refused', detail: `the server does not let us in: ${code}` };
  }
  if (responseCode !== undefined) {
    const detail = describe(responseCode, response, command);
    // 503 speaks of the session, not of the mail.
    if (responseCode >= 500 && responseCode !== 503) return { kind: 'give-up', reason: 'rejected', detail };
    // A greylisted sender or a full mailbox: the server is well.
    const reason = responseCode === 421 ? 'throttled' : responseCode < 500 ? 'deferred' : 'server-error';
    return { kind: 'retry', reason, detail };
  }
  const mayHaveArrived = !endedBeforeTheMail(failure);
  switch (code) {
    case 'ETIMEDOUT':
      return { kind: 'retry', reason: 'timeout', detail: 'the server did not answer in time', mayHaveArrived };
    case 'EABORT':
      return { kind: 'retry', reason: 'timeout', detail: 'cut off', mayHaveArrived };
    case 'EENVELOPE':
    case 'EMESSAGE':
      return { kind: 'give-up', reason: 'rejected', detail: `the mail cannot be sent: ${code}` };
    default:
      return {
        kind: 'retry',
        reason: 'unreachable',
        detail: `the connection failed: ${code || 'for an unknown reason'}`,
        mayHaveArrived,
      };
  }
}

/** All else leaves open whether the server had the last byte. */
const endedBeforeTheMail = ({ code, syscall, timeoutType }: SmtpError): boolean =>
  code === 'EDNS' || syscall === 'connect' || timeoutType === 'CONNECT_TIMEOUT' || timeoutType === 'GREETING_TIMEOUT';

function describe(responseCode: number, response = '', command = ''): string {
  // RFC 3463, such as 5.1.1 for an unknown mailbox: the part of the reply that says why without saying who.
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const verb = /^[A-Z]+/.exec(command)?.[0];
  return `SMTP ${responseCode}${enhanced === undefined ? '' : ` ${enhanced}`}${verb === undefined ? '' : ` after ${verb}`}`;
}
