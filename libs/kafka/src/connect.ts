import kafkajs from 'kafkajs';
import type { Kafka, KafkaConfig, RetryOptions } from 'kafkajs';
import type { KafkaSettings } from '#platform';
import { registerCodecs } from './compression.js';
import { guardIdleQueue, guardReconnect } from './kafkajs-guard.js';
import type { Lifeline } from './lifeline.js';

/** Where the adapter's own warnings and those of kafkajs go. */
export type Warn = (message: string, fields: Readonly<Record<string, unknown>>) => void;

export interface ConnectOptions {
  readonly warn: Warn;
  readonly retry: RetryOptions;
  readonly requestTimeoutMs?: number;
  /** To cut the client off for good. */
  readonly lifeline?: Lifeline;
}

/** The one place where a kafkajs client is made: guarded, able to read every compression, with the settings' login. */
export function connectKafka(settings: KafkaSettings, options: ConnectOptions): Kafka {
  guardIdleQueue();
  guardReconnect();
  registerCodecs();
  return new kafkajs.Kafka({
    brokers: settings.KAFKA_BROKERS ?? [],
    clientId: settings.KAFKA_CLIENT_ID,
    ssl: settings.KAFKA_SSL,
    ...loginOf(settings),
    ...(options.lifeline ? { socketFactory: options.lifeline.socketFactory } : {}),
    connectionTimeout: 3_000,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    retry: options.retry,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => {
      const isNews = onceAWhile();
      return ({ namespace, log }) => {
        const message = `kafkajs ${namespace}: ${log.message}`;
        if (isExpected(log.message) || !isNews(message)) return;
        options.warn(message, fieldsOf(log as unknown as Record<string, unknown>));
      };
    },
  });
}

function loginOf(settings: KafkaSettings): Pick<KafkaConfig, 'sasl'> {
  const { KAFKA_SASL_MECHANISM: mechanism } = settings;
  if (mechanism === undefined) return {};
  const username = settings.KAFKA_SASL_USERNAME ?? '';
  const password = settings.KAFKA_SASL_PASSWORD ?? '';
  // kafkajs types each mechanism apart; the shape is the same for all three.
  return { sasl: { mechanism: mechanism as 'plain', username, password } };
}

// The event log fences itself against what this line warns of: see KafkaEventLog.
const isExpected = (message: string): boolean => message.startsWith('Limiting retries for the idempotent producer');

const repeatAfterMs = 60_000;
const mostRemembered = 200;

/** An unreachable broker makes kafkajs say the same every second: once a minute is enough. */
function onceAWhile(): (message: string) => boolean {
  const toldAt = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    const isNews = now - (toldAt.get(message) ?? -Infinity) > repeatAfterMs;
    if (toldAt.size >= mostRemembered) toldAt.clear();
    if (isNews) toldAt.set(message, now);
    return isNews;
  };
}

/** Error texts, places and counts; never keys or values of records. */
function fieldsOf(log: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept = ['broker', 'groupId', 'memberId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];
  return Object.fromEntries(kept.filter((name) => name in log).map((name) => [name, log[name]]));
}
