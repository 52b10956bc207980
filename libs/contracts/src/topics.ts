import type { EventFamily } from '#domain';

export interface Topic {
  readonly name: string;
  /** One partition per owner of customers: all intake topics and `touched` have the same number. */
  readonly partitioned: boolean;
  /** Kafka topic settings beyond the broker's defaults. */
  readonly config: Readonly<Record<string, string>>;
  /** False: worth nothing after a restart, so the embedded log does not write it down. */
  readonly durable: boolean;
  readonly about: string;
}

const dayMs = 86_400_000;
const keepDays = (days: number): Readonly<Record<string, string>> => ({
  'cleanup.policy': 'delete',
  'retention.ms': String(days * dayMs),
});

/** Kept by when they arrived: events of last year, read in today, would otherwise be deleted at once. */
const intake = { ...keepDays(7), 'message.timestamp.type': 'LogAppendTime' };

export const topics = {
  activity: {
    name: 'churnwatch.activity.v1',
    partitioned: true,
    config: intake,
    durable: true,
    about: 'Client-app events in (CloudEvents, key = customer).',
  },
  transaction: {
    name: 'churnwatch.transaction.v1',
    partitioned: true,
    config: intake,
    durable: true,
    about: 'Orders, payments and other money events in (CloudEvents, key = customer).',
  },
  feedback: {
    name: 'churnwatch.feedback.v1',
    partitioned: true,
    config: intake,
    durable: true,
    about: 'Complaints, answers, campaigns and outcomes in (CloudEvents, key = customer).',
  },
  touched: {
    name: 'churnwatch.touched.v1',
    partitioned: true,
    config: keepDays(1),
    durable: false,
    about: 'Internal: the tracker tells the sentinel whose windows moved and how far each source has been read.',
  },
  riskTransitions: {
    name: 'churnwatch.risk.transitions.v1',
    partitioned: true,
    config: keepDays(30),
    durable: true,
    about: 'Every move of every flag, with evidence (CloudEvents, key = customer).',
  },
  riskCurrent: {
    name: 'churnwatch.risk.current.v1',
    partitioned: true,
    config: { 'cleanup.policy': 'compact' },
    durable: true,
    about: 'The flags now raised on a customer (CloudEvents, key = customer, compacted).',
  },
  incident: {
    name: 'churnwatch.incident.v1',
    partitioned: false,
    config: keepDays(30),
    durable: true,
    about:
      'Very many customers failing at the same: each incident’s opening, changes and end (CloudEvents, key = incident).',
  },
  customerStage: {
    name: 'churnwatch.customer.stage.v1',
    partitioned: true,
    config: keepDays(30),
    durable: true,
    about: 'Every move of every customer from one lifecycle stage to another (CloudEvents, key = customer).',
  },
  action: {
    name: 'churnwatch.action.v1',
    partitioned: true,
    config: keepDays(30),
    durable: true,
    about: 'Retention-action alerts as the topic channel delivers them (CloudEvents, key = customer).',
  },
  deadLetter: {
    name: 'churnwatch.dead-letter.v1',
    partitioned: false,
    config: keepDays(30),
    durable: true,
    about: 'Refused records: reason, place and original bytes (CloudEvents).',
  },
} as const satisfies Record<string, Topic>;

export const intakeTopics: Readonly<Record<EventFamily, Topic>> = {
  activity: topics.activity,
  transaction: topics.transaction,
  feedback: topics.feedback,
};
export const allTopics: readonly Topic[] = Object.values(topics);
