import { z } from 'zod';

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const generalSettings = z.object({
  DATA_DIR: z
    .string()
    .default('.churnwatch')
    .describe('Where the embedded engine and the local mailbox keep their files'),
  PACK: z.string().default('app').describe('Industry pack: a folder under packs/, or a path to one'),
  PACK_RELOAD_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .default(5)
    .describe('How often the pack’s files are looked at for changes; 0: only at the start'),
  LOCALE: z
    .enum(['en', 'zh'])
    .default('en')
    .describe('Language of e-mails and of the console before the reader picks one'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severe log line written'),
  PUBLIC_URL: z
    .url()
    .default('http://127.0.0.1:8080')
    .describe('Address under which readers of alerts reach the console'),
  DRAIN_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(20_000)
    .describe('Longest orderly stop; keep the orchestrator’s grace period above it'),
});

export const httpSettings = z.object({
  HTTP_HOST: z.string().default('127.0.0.1').describe('Address the API and the console listen on'),
  HTTP_PORT: port.default(8080).describe('Port of the API and the console; 0 picks a free one'),
  METRICS_HOST: z.string().default('127.0.0.1').describe('Address /metrics and /health listen on'),
  METRICS_PORT: port.default(9464).describe('Port of /metrics and of the health pages; 0 picks a free one'),
  HTTP_MAX_BODY_BYTES: z.coerce.number().int().positive().default(1_048_576).describe('Largest request body taken'),
  HTTP_MAX_INFLIGHT_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(33_554_432)
    .describe('Request bodies held at once; beyond it senders are told to wait (429)'),
  HTTP_REQUEST_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(30_000)
    .describe('Longest time a request may take to arrive'),
});

export const kafkaSettings = z
  .object({
    KAFKA_BROKERS: list.optional().describe('Comma-separated host:port list; unset: the in-process log'),
    KAFKA_CLIENT_ID: z.string().default('churnwatch').describe('Name shown in the brokers’ logs'),
    KAFKA_GROUP_PREFIX: z
      .string()
      .default('churnwatch')
      .describe('Consumer groups are named PREFIX-tracker, PREFIX-sentinel, PREFIX-courier'),
    KAFKA_PARTITIONS: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(12)
      .describe('Partitions of the topics when they are made'),
    KAFKA_REPLICATION: z.coerce.number().int().min(1).default(1).describe('Replicas of the topics when they are made'),
    KAFKA_COMPRESSION: z
      .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
      .default('lz4')
      .describe('Compression of what Churnwatch writes'),
    KAFKA_SESSION_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .min(1_000)
      .default(45_000)
      .describe('How long a consumer may be silent before the others take its partitions; the brokers bound it'),
    KAFKA_SSL: flag.prefault('false').describe('Connect to the brokers over TLS'),
    KAFKA_SASL_MECHANISM: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .optional()
      .describe('How to log in to the brokers'),
    KAFKA_SASL_USERNAME: z.string().optional().describe('User at the brokers'),
    KAFKA_SASL_PASSWORD: z.string().optional().describe('Password at the brokers'),
  })
  .refine(
    (is) =>
      is.KAFKA_SASL_MECHANISM === undefined ||
      (is.KAFKA_SASL_USERNAME !== undefined && is.KAFKA_SASL_PASSWORD !== undefined),
    { path: ['KAFKA_SASL_MECHANISM'], message: 'needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD' },
  );

export const clickhouseSettings = z.object({
  CLICKHOUSE_URL: z
    .url()
    .optional()
    .describe('http(s)://host:port of a server; unset: the embedded engine under DATA_DIR'),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .default('churnwatch')
    .describe('Database, made when missing'),
  CLICKHOUSE_USERNAME: z.string().default('default').describe('User at the server'),
  CLICKHOUSE_PASSWORD: z.string().default('').describe('Password at the server'),
});

export const trackerSettings = z.object({
  TRACKER_MAX_CHUNK_RECORDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(500_000)
    .default(20_000)
    .describe('Most records stored in one insert'),
  DUPLICATES_WINDOW_HOURS: z.coerce
    .number()
    .int()
    .min(0)
    .max(48)
    .default(24)
    .describe('An event sent again within so many hours is counted once; 0 counts every repeat'),
  DUPLICATES_MEMORY_MIB: z.coerce
    .number()
    .int()
    .min(1)
    .max(4_096)
    .default(32)
    .describe('Memory of the filter that spares the store being asked about every event'),
  EVENT_MAX_AGE_DAYS: z.coerce.number().int().min(1).default(400).describe('Older events are dead-lettered as too-old'),
  EVENT_MAX_AHEAD_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .default(300)
    .describe('Events further in the future are dead-lettered as from-future'),
  DEAD_LETTER_MAX_CONSECUTIVE: z.coerce
    .number()
    .int()
    .min(0)
    .default(1_000)
    .describe('So many refused records in a row stop their partition; 0: never'),
  DEAD_LETTER_MAX_PERCENT: z.coerce
    .number()
    .min(0)
    .max(100)
    .default(50)
    .describe('Such a share of refused records among the last ones stops their partition; 0: never'),
  DEAD_LETTER_WINDOW_RECORDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(10_000)
    .describe('How many records of a partition DEAD_LETTER_MAX_PERCENT looks back on, once a tenth of them has come'),
  PROGRESS_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(200)
    .describe('How often the tracker says how far it has read; bounds the delay of absence alerts'),
});

export const sentinelSettings = z.object({
  EVENT_LATENESS_DAYS: z.coerce
    .number()
    .min(0)
    .default(7)
    .describe(
      'An event at most this much behind what has been decided still counts at its own instant, and alerts that turn out wrong are retracted; an older one counts from now on',
    ),
  HISTORY_SETTLE_SECONDS: z.coerce
    .number()
    .min(0)
    .default(60)
    .describe(
      'Customers of whom events come in from before EVENT_LATENESS_DAYS are looked at once no more such have come for so long',
    ),
  FEED_VOUCHES_FROM_PER_HOUR: z.coerce
    .number()
    .int()
    .min(0)
    .default(20)
    .describe(
      'A source, or a version, platform and channel of it, that usually sends this many events an hour holds absence alerts back while it is silent; 0: none does',
    ),
  INCIDENT_FROM_CUSTOMERS: z.coerce
    .number()
    .int()
    .min(0)
    .default(10)
    .describe(
      'So many customers who fail at the same within a quarter of an hour, far beyond what is usual, are an incident; 0: nobody looks',
    ),
});

export const courierSettings = z
  .object({
    SMTP_URL: z
      .string()
      .optional()
      .describe('smtp(s)://user:password@host:port; unset: mails go to a mailbox folder under DATA_DIR'),
    MAIL_FROM: z.string().default('Churnwatch <churnwatch@localhost>').describe('Sender of alert mails'),
    MAIL_TO: list.optional().describe('Who gets alert mails; unset: the playbook’s owner'),
    WEBHOOK_URL: z.url().optional().describe('Receives every alert as a signed POST; unset: no webhook'),
    WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ followed by base64')
      .optional()
      .describe('Standard Webhooks secret, whsec_ and base64; required with WEBHOOK_URL'),
    WEBHOOK_ALLOW_PRIVATE: flag.prefault('false').describe('Let the webhook go to loopback and private addresses'),
    COURIER_CONCURRENCY: z.coerce
      .number()
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('Deliveries under way at once per channel'),
    ALERT_TTL_DAYS: z.coerce.number().int().min(1).default(7).describe('An alert not delivered by then is given up'),
  })
  .refine((is) => is.WEBHOOK_URL === undefined || is.WEBHOOK_SECRET !== undefined, {
    path: ['WEBHOOK_SECRET'],
    message: 'is required with WEBHOOK_URL',
  });

/** One section of docs/configuration.md each. */
export const settingSections = {
  General: generalSettings,
  'HTTP and metrics': httpSettings,
  Kafka: kafkaSettings,
  ClickHouse: clickhouseSettings,
  Tracker: trackerSettings,
  Sentinel: sentinelSettings,
  Courier: courierSettings,
} as const;

export type GeneralSettings = z.infer<typeof generalSettings>;
export type HttpSettings = z.infer<typeof httpSettings>;
export type KafkaSettings = z.infer<typeof kafkaSettings>;
export type ClickhouseSettings = z.infer<typeof clickhouseSettings>;
export type TrackerSettings = z.infer<typeof trackerSettings>;
export type SentinelSettings = z.infer<typeof sentinelSettings>;
export type CourierSettings = z.infer<typeof courierSettings>;
