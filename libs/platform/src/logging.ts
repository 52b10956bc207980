import type { LoggerService } from '@nestjs/common';
import type { DestinationStream } from 'pino';
import { pino, stdTimeFunctions } from 'pino';
import type { GeneralSettings } from './config/settings.js';

export type LogFields = Readonly<Record<string, unknown>>;

/** One JSON line per call: level, time and role, then the event's name, then its fields. Never payloads, addresses or secrets. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** An Error belongs under `err`: its code, message, stack and causes are written. */
  error(event: string, fields?: LogFields): void;
}

export function createLog(role: string, level: GeneralSettings['LOG_LEVEL'], to?: DestinationStream): Log {
  const options = {
    level,
    base: { role },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Written synchronously: the last line before an exit is the one that matters.
  const out = pino(options, to ?? pino.destination({ fd: 1, sync: true }));
  return {
    debug: (event, fields) => out.debug({ event, ...fields }),
    info: (event, fields) => out.info({ event, ...fields }),
    warn: (event, fields) => out.warn({ event, ...fields }),
    error: (event, fields) => out.error({ event, ...fields }),
  };
}

/** Lets Nest write through `log`. Its step-by-step start messages are of use only to who debugs the wiring. */
export class NestLog implements LoggerService {
  constructor(private readonly to: Log) {}
  log(message: unknown, ...rest: readonly unknown[]): void {
    this.to.debug('nest', fieldsOf(message, rest));
  }
  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.to.debug('nest', fieldsOf(message, rest));
  }
  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.to.debug('nest', fieldsOf(message, rest));
  }
  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.to.warn('nest', fieldsOf(message, rest));
  }
  error(message: unknown, ...rest: readonly unknown[]): void {
    this.to.error('nest', fieldsOf(message, rest));
  }
  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.to.error('nest', fieldsOf(message, rest));
  }
}

/** Nest passes (message, ...more, context): the context is the last text. */
function fieldsOf(message: unknown, rest: readonly unknown[]): LogFields {
  const context = rest.at(-1);
  const more = rest.slice(0, -1).filter((item) => item !== undefined);
  return {
    ...(typeof context === 'string' ? { context } : {}),
    ...(message instanceof Error ? { err: message } : { message }),
    ...(more.length > 0 ? { more } : {}),
  };
}
