import { z } from 'zod';
import type { RejectReason } from '#domain';
import { rejectReasons } from '#domain';
import { count, instant } from './fields.js';

/** What to do about a letter, by its reason. `detail` says which field it is about. */
export const remedies: Readonly<Record<RejectReason, string>> = {
  malformed: 'Send JSON in UTF-8; replay this letter with the event as it should have been.',
  invalid:
    'Correct the field named in the detail, here with a corrected event or with `set` and `rename`, and at the producer.',
  'unknown-type': 'Set `type` to one of the known types, or replay as it is once a release knows this type.',
  oversize: 'Replay it with fewer or shorter fields; have the producer keep large contents elsewhere.',
  'too-deep': 'Replay it with flattened fields; have the producer send fewer levels.',
  'too-old': 'Set `time` if the producer’s clock or unit was wrong; otherwise raise EVENT_MAX_AGE_DAYS and replay.',
  'from-future': 'Set `time` if the producer’s clock or unit was wrong; otherwise replay once that time has come.',
};

const replayed = z
  .object({ at: instant, source: z.string(), id: z.string() })
  .nullable()
  .meta({ description: 'When it went back to an intake topic and as which event; null while it has not' });

const encoding = z.enum(['utf8', 'base64']).meta({ description: 'base64 where the bytes are no UTF-8' });

const deadLetterItem = z.object({
  id: z.string().meta({ description: 'Percent-encode it in paths: it holds slashes' }),
  reason: z.enum(rejectReasons),
  detail: z.string().meta({ description: 'Which field, what is wrong with it and how to mend it' }),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  key: z.string().nullable(),
  value: z.string().meta({ description: 'The beginning of the record; the letter by itself has all of it' }),
  encoding,
  bytes: count.meta({ description: 'Length of the whole record' }),
  at: instant.meta({ description: 'When the log took the record in' }),
  firstSeenAt: instant.meta({ description: 'When it was refused first' }),
  lastSeenAt: instant.meta({
    description: 'When it was refused last: reading a chunk again refuses its records again',
  }),
  replayed,
});
export type DeadLetterItem = z.infer<typeof deadLetterItem>;

/** `GET /v1/dead-letters?limit&cursor&reason&topic`, newest first. */
export const deadLettersAnswer = z.object({
  groups: z
    .array(
      z.object({
        reason: z.enum(rejectReasons),
        detail: z.string(),
        topic: z.string(),
        count,
        replayed: count,
        firstSeenAt: instant,
        lastSeenAt: instant,
      }),
    )
    .meta({ description: 'The hundred largest groups of letters that say the same of the same topic, largest first' }),
  items: z.array(deadLetterItem),
  nextCursor: z.string().nullable().meta({ description: 'Pass as `cursor` to get the next page; null on the last' }),
});
export type DeadLettersAnswer = z.infer<typeof deadLettersAnswer>;

/** `GET /v1/dead-letters/{id}` */
export const deadLetterAnswer = deadLetterItem.extend({
  remedy: z.string().meta({ description: 'What to do about it' }),
  value: z.string().meta({ description: 'The record as it came: text, or base64 when it is no UTF-8' }),
  headers: z.record(z.string(), z.string()),
});
export type DeadLetterAnswer = z.infer<typeof deadLetterAnswer>;

const eventName = z.object({ source: z.string(), id: z.string(), type: z.string(), customer: z.string() });

/** What became of one letter. */
export const replayOutcome = z.discriminatedUnion('outcome', [
  z.object({
    letter: z.string(),
    outcome: z.literal('admitted').meta({ description: 'On its way through an intake topic like every event' }),
    event: eventName,
  }),
  z.object({
    letter: z.string(),
    outcome: z.literal('refused').meta({ description: 'Still refused; it stays a letter' }),
    reason: z.enum(rejectReasons),
    detail: z.string(),
  }),
  z.object({
    letter: z.string(),
    outcome: z.literal('already-replayed').meta({ description: 'It was replayed before and was left alone now' }),
    replayed: replayed.unwrap(),
  }),
]);
export type ReplayOutcome = z.infer<typeof replayOutcome>;

const path = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_-]{1,100}){0,7}$/, 'is no path such as "time" or "data.amount"')
  .refine(
    (text) => !text.split('.').some((step) => ['__proto__', 'constructor', 'prototype'].includes(step)),
    'names what no event has',
  );

/** `POST /v1/dead-letters/replay`: letters not replayed yet, by their ids or by what they have in common. */
export const replayManyRequest = z
  .strictObject({
    ids: z.array(z.string().min(1)).min(1).max(500).optional(),
    reason: z.enum(rejectReasons).optional(),
    topic: z.string().min(1).optional(),
    rename: z
      .record(path, path)
      .default({})
      .meta({ description: 'From which path of the event to which, done before `set`; what is not there is left' }),
    set: z
      .record(path, z.unknown())
      .default({})
      .meta({ description: 'Values by path, such as {"type": "app_open", "data.platform": "ios"}' }),
    dryRun: z.boolean().default(false).meta({ description: 'Only say what would happen' }),
    limit: z.int().min(1).max(500).default(100),
    cursor: z.string().optional().meta({ description: '`nextCursor` of the request before' }),
  })
  .refine(({ ids, reason, topic }) => ids !== undefined || reason !== undefined || topic !== undefined, {
    path: ['reason'],
    message: 'say which: ids, reason or topic',
  });
export type ReplayManyRequest = z.input<typeof replayManyRequest>;

export const replayManyAnswer = z.object({
  dryRun: z.boolean(),
  admitted: count,
  refused: count,
  items: z.array(replayOutcome),
  nextCursor: z.string().nullable().meta({ description: 'Pass as `cursor` to go on with further letters' }),
});
export type ReplayManyAnswer = z.infer<typeof replayManyAnswer>;

/** `POST /v1/dead-letters/let-pass` */
export const letPassRequest = z.strictObject({
  topic: z.string().min(1).max(249),
  partition: z.int().min(0),
  upToOffset: z.int().min(0).meta({ description: 'The last offset whose refused records may be buried' }),
});

export const letPassAnswer = letPassRequest.extend({
  at: instant.meta({ description: 'Records that arrive later are not covered' }),
});
export type LetPassAnswer = z.infer<typeof letPassAnswer>;
