import { z } from 'zod';
import {
  deliveryStates,
  eventTypes,
  failureReasons,
  flagStates,
  locales,
  reasonKinds,
  rejectReasons,
  severities,
  stages,
  valueTiers,
} from '#domain';
import { alertBody, transitionBody } from './envelopes.js';
import { count, day, instant, localText, signalValues } from './fields.js';

const verdicts = ['breach', 'between', 'ok', 'no-data'] as const;

const fifth = z.int().min(1).max(5).meta({ description: 'Which fifth of the base, 5 the best' });

/** `GET /v1/customers/{id}` */
export const customerAnswer = z.object({
  customer: z.string(),
  asOf: instant,
  firstSeenAt: instant,
  lastSeenAt: instant,
  windows: z
    .array(z.object({ day, type: z.enum(eventTypes), count, amount: z.number() }))
    .meta({ description: 'What the customer did, per UTC day and event type' }),
  signals: signalValues,
  lifecycle: z.object({
    stage: z.enum(stages).nullable().meta({ description: 'Null while the customer has shown no activity' }),
    since: instant.nullable().meta({ description: 'Null while the move to this stage has not been decided' }),
    usualGapDays: z.number().nullable().meta({ description: 'The customer’s own gap between active days' }),
  }),
  value: z
    .object({
      asOf: instant,
      tier: z
        .enum(valueTiers)
        .meta({ description: 'A: who make up 80 % of the spend, B: those up to 95 %, C: the rest' }),
      recency: fifth,
      frequency: fifth,
      monetary: fifth,
      activeDays: count,
      spend: z.number().meta({ description: 'Over the last 365 days' }),
    })
    .nullable()
    .meta({ description: 'Worked out once a day; null before the first time' }),
  flags: z.array(
    z.object({
      rule: z.string(),
      verdict: z.enum(verdicts),
      state: z.enum(flagStates),
      since: instant.nullable().meta({ description: 'When it entered this state; null when it was never raised' }),
      episode: count,
      clearedAt: instant.nullable(),
      muted: z.boolean().meta({ description: 'Its rule raises no alert: `GET /v1/pack` says why' }),
    }),
  ),
  timeline: z
    .array(
      z.object({
        at: instant,
        kind: z.enum(['event', 'transition']),
        type: z.string(),
        amount: z.number().nullable(),
        detail: z.record(z.string(), z.unknown()),
      }),
    )
    .meta({ description: 'Events and transitions, newest first' }),
});
export type CustomerAnswer = z.infer<typeof customerAnswer>;

/** `GET /v1/stages`: how many customers are in each stage. */
export const stagesAnswer = z.object({ stages: z.array(z.object({ stage: z.enum(stages), customers: count })) });
export type StagesAnswer = z.infer<typeof stagesAnswer>;

/** One entry of `GET /v1/alerts`. */
export const alertItem = alertBody.extend({
  deliveries: z.array(
    z.object({
      channel: z.string(),
      state: z.enum(deliveryStates),
      reason: z.enum(failureReasons).nullable().meta({ description: 'Why it did not arrive; null when it did' }),
      attempts: count,
      lastAt: instant,
      detail: z.string(),
      incident: z.string().nullable().meta({ description: 'The incident that it was held back for, if any' }),
    }),
  ),
});
export type AlertItem = z.infer<typeof alertItem>;

/** `GET /v1/alerts?limit&cursor&customer&rule`, newest first. */
export const alertsAnswer = z.object({
  items: z.array(alertItem),
  nextCursor: z.string().nullable().meta({ description: 'Pass as `cursor` to get the next page; null on the last' }),
});
export type AlertsAnswer = z.infer<typeof alertsAnswer>;

const weighed = z.object({
  text: z.string(),
  holds: z.boolean().nullable(),
  comparisons: z.array(
    z.object({
      text: z.string(),
      left: z.number().nullable(),
      right: z.number().nullable(),
      holds: z.boolean().nullable(),
    }),
  ),
});
/** `GET /v1/alerts/{id}/explanation` */
export const explanationAnswer = z.object({
  alert: alertBody,
  ruleKeptAt: instant.meta({ description: 'Since when this version of the rule is known to be in force' }),
  verdict: z.enum(verdicts).meta({ description: 'Worked out anew, at the instant the alert is about' }),
  guard: weighed,
  enter: weighed,
  exit: weighed,
  evidence: z
    .array(z.object({ signal: z.string(), told: z.number().nullable(), found: z.number().nullable() }))
    .meta({ description: 'What the alert showed, and what the same signals come to now: events may have come late' }),
  agrees: z.boolean().meta({ description: 'The verdict is still the one that the alert told' }),
});
export type ExplanationAnswer = z.infer<typeof explanationAnswer>;

/** `GET /v1/overview` */
export const overviewAnswer = z.object({
  asOf: instant,
  customers: count,
  events: count,
  deadLetters: count,
  rules: z.array(z.object({ rule: z.string(), pending: count, raised: count, firedTotal: count, clearedTotal: count })),
  deliveries: z.array(z.object({ channel: z.string(), state: z.enum(deliveryStates), count })),
  eventsPerDay: z
    .array(z.object({ day, count, customers: count }))
    .meta({ description: 'The last 60 days, oldest first' }),
  latestTransitions: z.array(transitionBody),
});
export type OverviewAnswer = z.infer<typeof overviewAnswer>;

/** `GET /v1/pack`: what the rules, signals, playbooks and reasons are called. */
export const packAnswer = z.object({
  name: z.string(),
  version: z.string(),
  title: localText,
  locale: z.enum(locales).meta({ description: 'Language of the console before the reader picks one' }),
  rules: z.array(
    z.object({
      id: z.string(),
      version: z.string(),
      title: localText,
      owner: z.string(),
      severity: z.enum(severities),
      reason: z.string(),
      playbook: z.string(),
      evidence: z.array(z.string()),
      muted: localText.nullable().meta({ description: 'Why it raises no alert; null when it does' }),
      pendingMs: count,
      recoverMs: count,
      cooldownMs: count,
    }),
  ),
  signals: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      unit: z.string(),
      description: localText,
      events: z.array(z.enum(eventTypes)),
    }),
  ),
  playbooks: z.array(
    z.object({ id: z.string(), title: localText, action: localText, owner: z.string(), dueWithinMs: count }),
  ),
  reasons: z
    .array(z.object({ code: z.string(), kind: z.enum(reasonKinds), title: localText }))
    .meta({ description: 'What `reason` of a rule, a transition and an alert may be, and what it means' }),
});
export type PackAnswer = z.infer<typeof packAnswer>;

/** `GET /version` */
export const versionAnswer = z.object({
  name: z.literal('churnwatch'),
  version: z.string(),
  pack: z.object({ name: z.string(), version: z.string() }),
});
export type VersionAnswer = z.infer<typeof versionAnswer>;

/** What became of one item of a request. */
export const itemOutcome = z.discriminatedUnion('outcome', [
  z.object({
    index: count.meta({ description: 'Place in the request, from 0' }),
    id: z.string(),
    outcome: z.literal('accepted'),
  }),
  z.object({
    index: count.meta({ description: 'Place in the request, from 0' }),
    id: z.string().nullable().meta({ description: 'Null when the item had none that could be read' }),
    outcome: z.literal('rejected'),
    reason: z.enum(rejectReasons),
    detail: z.string().meta({ description: 'Which field, what is wrong with it and how to mend it' }),
  }),
]);
export type ItemOutcome = z.infer<typeof itemOutcome>;

/** 202 of the intake: everything `accepted` is durable. */
export const admitAnswer = z.object({ accepted: count, rejected: count, items: z.array(itemOutcome) });
export type AdmitAnswer = z.infer<typeof admitAnswer>;

/** RFC 9457. `items` only where an intake request was refused as a whole. */
export const problem = z.object({
  type: z.string().meta({ description: 'Where this kind of problem is explained' }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  instance: z.string().optional().meta({ description: 'The request that met it' }),
  code: z.string().optional().meta({ description: 'Stable code: see docs/errors' }),
  accepted: count.optional(),
  rejected: count.optional(),
  items: z.array(itemOutcome).optional(),
});
export type Problem = z.infer<typeof problem>;
