import { z } from 'zod';
import { commonReasons, eventTypes, engagementTypes, parseSpan, reasonKinds, severities } from '#domain';
import type { EventType } from '#domain';
import { closestEventType } from './event-names.js';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'a lower-case word with digits and single _, for example silent_days');
const slug = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a lower-case word with digits and -, for example silent-too-long');
const localText = z.strictObject({ en: z.string().min(1), zh: z.string().min(1) });
const spanText = z
  .string()
  .meta({ pattern: '^[0-9]+(ms|s|m|h|d|w)$', description: 'A whole number and ms, s, m, h, d or w' });
const span = spanText.transform((text, context) => {
  const ms = parseSpan(text);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no span; write a whole number and ms, s, m, h, d or w, for example 14d`,
  });
  return z.NEVER;
});

const unknownType = ({ input }: { readonly input?: unknown }): string => {
  const closest = closestEventType(String(input));
  return `unknown event type "${String(input)}"${closest === undefined ? '' : `, did you mean "${closest}"?`}`;
};
const eventType = z.enum(eventTypes as [EventType, ...EventType[]], { error: unknownType });

/** `engagement` stands for every type by which a customer shows that they are still there. */
const eventList = z
  .union([z.literal('engagement'), z.array(eventType).min(1)])
  .transform((given): readonly EventType[] => (given === 'engagement' ? engagementTypes : given));

const described = { unit: z.string().min(1), description: localText, events: eventList };
const lookedBack = { span, skip: span.optional().describe('Leave out this much of the newest past') };
const ownRhythm = {
  prior_gap_days: z.number().positive().describe('What the gap is taken for while little is known'),
  minimum_active_days: z.int().min(1).describe('Null for who has been active on fewer days'),
};

export const signalsFile = z.strictObject({
  signals: z.record(
    name,
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('count'), ...described, ...lookedBack }),
      z.strictObject({ kind: z.literal('sum'), ...described, ...lookedBack }),
      z.strictObject({ kind: z.literal('mean'), ...described, ...lookedBack }),
      z.strictObject({ kind: z.literal('active-days'), ...described, ...lookedBack }),
      z.strictObject({
        kind: z.literal('share'),
        ...described,
        among: eventList.describe('The share is of these; they hold those of `events`'),
        ...lookedBack,
      }),
      z.strictObject({
        kind: z.literal('ratio'),
        ...described,
        of: z.enum(['count', 'sum', 'active-days']),
        ...lookedBack,
        baseline: span.describe('The customer’s own past just before the window, which it is compared with'),
        minimum: z.number().positive().describe('Null while the baseline holds less of it'),
      }),
      z.strictObject({ kind: z.literal('trend'), ...described, weeks: z.int().min(3).max(52) }),
      z.strictObject({ kind: z.literal('silence'), ...described }),
      z.strictObject({ kind: z.literal('tenure'), ...described }),
      z.strictObject({ kind: z.literal('usual-gap'), ...described, ...ownRhythm }),
      z.strictObject({ kind: z.literal('overdue'), ...described, ...ownRhythm }),
      z.strictObject({ kind: z.literal('missed-days'), ...described, ...ownRhythm }),
      z.strictObject({
        kind: z.literal('gap-spread'),
        ...described,
        minimum_active_days: z.int().min(3),
      }),
      z.strictObject({ kind: z.literal('open-for'), ...described, closed_by: eventList }),
    ]),
  ),
});

export const rulesFile = z.strictObject({
  rules: z.array(
    z.strictObject({
      id: slug,
      title: localText,
      owner: z.string().min(1),
      severity: z.enum(severities),
      reason: name.meta({
        description: 'A common reason, or one that reasons.yaml declares',
        // Editors offer them.
        examples: commonReasons.map(({ code }) => code),
      }),
      playbook: slug,
      guard: z.string().describe('Tenure guard and minimum history: where it does not hold there is no verdict'),
      enter: z.string(),
      exit: z.string(),
      pending: span.default(0),
      recover: span.default(0),
      cooldown: span,
      evidence: z.array(name).min(1),
      text: localText,
      muted: localText.optional().describe('Why the rule raises no alert; its flags move all the same'),
    }),
  ),
});

export const playbooksFile = z.strictObject({
  playbooks: z.array(
    z.strictObject({ id: slug, title: localText, action: localText, owner: z.string().min(1), due_within: span }),
  ),
});

export const reasonsFile = z.strictObject({
  reasons: z
    .record(name, z.strictObject({ kind: z.enum(reasonKinds).describe('What it is about'), title: localText }))
    .describe('Reasons of the trade, beside the common ones that every pack may name'),
});

const silenceBound = z.strictObject({
  after: span.describe('At least so long a silence'),
  gaps: z.number().nonnegative().describe('And at least so many of the customer’s own usual gaps'),
});

const date = z
  .string()
  .refine((text) => z.iso.date().safeParse(text).success, { error: 'a day such as 2026-02-15, please' })
  .meta({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'A day: year-month-day' });

export const calendarFile = z.strictObject({
  special: z
    .array(
      z
        .strictObject({
          title: localText,
          from: date,
          to: date,
          made_up: z.array(date).default([]).describe('Days off that are worked instead'),
        })
        .refine(({ from, to }) => from <= to, { error: 'ends before it begins', path: ['to'] }),
    )
    .min(1),
});

/** From when on a silence means that a customer is going, and from when on that they are gone. */
const churnSection = z.strictObject({
  activity: eventList,
  prior_gap_days: z.number().positive().describe('Typical gap, towards which a customer’s own is pulled'),
  new_for: span,
  slipping: silenceBound,
  dormant: silenceBound,
  churned: silenceBound,
});

const valueSection = z.strictObject({
  earns: z.array(eventType).min(1).describe('Their amounts are spend'),
  gives_back: z.array(eventType).default([]).describe('Their amounts are taken off again'),
});

export const packFile = z.strictObject({
  name: slug,
  title: localText,
  churn: churnSection.optional(),
  value: valueSection.optional(),
});

export type PackEntry = z.output<typeof packFile>;
export type SignalEntry = z.output<typeof signalsFile>['signals'][string];
export type RuleEntry = z.output<typeof rulesFile>['rules'][number];
export type ReasonEntries = z.output<typeof reasonsFile>['reasons'];
export type CalendarEntries = z.output<typeof calendarFile>;

const column = z.string().min(1);

/** mapping.yaml: how the rows of an export that is usual in the trade become events. */
export const mappingFile = z.strictObject({
  source: z
    .string()
    .min(1)
    .optional()
    .describe('`source` of the events; left out: the hash of the file that is imported'),
  columns: z
    .strictObject({
      customer: column,
      time: column,
      type: column.describe('Its words are translated by `types`'),
      amount: column.optional(),
      id: column.optional().describe('Recognises a row that was sent before'),
      platform: column.optional(),
      channel: column.optional(),
      appVersion: column.optional(),
    })
    .describe('The column that fills each field of an event'),
  types: z
    .record(z.string().min(1), z.enum(['skip', ...eventTypes], { error: unknownType }))
    .describe('What each word in the column of the type means; `skip` leaves such rows out, any other word is refused'),
  utc_offset: z
    .string()
    .regex(/^(Z|[+-]\d\d:\d\d)$/, 'an offset like +08:00, or Z')
    .default('Z')
    .describe('Of times that carry none'),
  attributes: z.array(column).default([]).describe('Columns kept as attributes'),
});
export type MappingEntry = z.infer<typeof mappingFile>;
