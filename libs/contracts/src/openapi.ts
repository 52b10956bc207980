import type { z } from 'zod';
import {
  admitAnswer,
  alertsAnswer,
  explanationAnswer,
  customerAnswer,
  overviewAnswer,
  packAnswer,
  problem,
  stagesAnswer,
  versionAnswer,
} from './api.js';
import {
  deadLetterAnswer,
  deadLettersAnswer,
  letPassAnswer,
  letPassRequest,
  replayManyAnswer,
  replayManyRequest,
  replayOutcome,
} from './dead-letters.js';
import { incidentStates, rejectReasons } from '#domain';
import { exampleAdmitted, exampleAlerts, exampleCustomer, exampleEvent, exampleProblem } from './examples.js';
import { eventSchema } from './intake-schema.js';
import { feedsAnswer } from './feeds.js';
import { incidentAnswer, incidentsAnswer } from './incidents.js';
import type { JsonSchema } from './json-schemas.js';
import { jsonSchemaOf } from './json-schemas.js';

const schemas = {
  Event: eventSchema,
  AdmitAnswer: admitAnswer,
  Problem: problem,
  Customer: customerAnswer,
  Stages: stagesAnswer,
  Alerts: alertsAnswer,
  Explanation: explanationAnswer,
  Overview: overviewAnswer,
  Pack: packAnswer,
  Feeds: feedsAnswer,
  Incidents: incidentsAnswer,
  Incident: incidentAnswer,
  DeadLetters: deadLettersAnswer,
  DeadLetter: deadLetterAnswer,
  ReplayOutcome: replayOutcome,
  ReplayManyRequest: replayManyRequest,
  ReplayMany: replayManyAnswer,
  LetPassRequest: letPassRequest,
  LetPass: letPassAnswer,
  Version: versionAnswer,
} as const satisfies Record<string, z.ZodType>;
type SchemaName = keyof typeof schemas;

const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object, example?: unknown) => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
});
const problems = (...statuses: readonly (400 | 404 | 408 | 413 | 415 | 422 | 429 | 503)[]) =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));

const problemResponse = (description: string, extra: object = {}) => ({
  description,
  ...extra,
  content: { 'application/problem+json': { schema: ref('Problem'), example: exampleProblem } },
});

const query = (name: string, description: string, schema: object) => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});
const limitParameter = query('limit', 'Most entries to answer', {
  type: 'integer',
  minimum: 1,
  maximum: 200,
  default: 50,
});

const letterParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The letter’s id, percent-encoded',
  schema: { type: 'string' },
};

const taken = {
  '202': {
    description: 'At least one event was accepted, and all accepted ones are durable. `items` tells of each.',
    content: json(ref('AdmitAnswer'), exampleAdmitted),
  },
  ...problems(400, 408, 413, 415, 422, 429, 503),
};

const segmentExamples = {
  track: {
    messageId: 'm-1',
    userId: 'ada',
    event: 'Order Completed',
    timestamp: '2026-03-01T09:30:00Z',
    properties: { revenue: 42.5 },
  },
  identify: { messageId: 'm-2', userId: 'ada', traits: { plan: 'gold' } },
  page: { messageId: 'm-3', userId: 'ada', name: 'Prices' },
  screen: { messageId: 'm-4', userId: 'ada', name: 'Home' },
} as const;

function segmentPath(call: keyof typeof segmentExamples) {
  return {
    post: {
      operationId: call,
      tags: ['Intake'],
      summary: `Take in a Segment \`${call}\` call`,
      requestBody: { required: true, content: json({ type: 'object' }, segmentExamples[call]) },
      responses: taken,
    },
  };
}

function read(operationId: string, summary: string, name: SchemaName, more: object = {}, example?: unknown) {
  return {
    get: {
      operationId,
      tags: ['Reading'],
      summary,
      ...more,
      responses: {
        '200': { description: summary, content: json(ref(name), example) },
        ...problems(
          ...(['customer', 'deadLetter', 'explanation', 'incident'].includes(operationId) ? ([404] as const) : []),
          ...(more === noParameters ? [] : ([400] as const)),
          503,
        ),
      },
    },
  };
}
const noParameters = {};

const paths = {
  '/v1/events': {
    post: {
      operationId: 'events',
      tags: ['Intake'],
      summary: 'Take in one event or many',
      description:
        'CloudEvents 1.0 in structured, batched or binary mode (attributes as `ce-` headers, the body is `data`), or Segment calls.',
      requestBody: {
        required: true,
        content: {
          'application/cloudevents+json': { schema: ref('Event'), example: exampleEvent },
          'application/cloudevents-batch+json': {
            schema: { type: 'array', items: ref('Event') },
            example: [exampleEvent],
          },
          'application/json': {
            schema: { oneOf: [ref('Event'), { type: 'array', items: ref('Event') }] },
            example: exampleEvent,
          },
        },
      },
      responses: taken,
    },
  },
  '/v1/track': segmentPath('track'),
  '/v1/identify': segmentPath('identify'),
  '/v1/page': segmentPath('page'),
  '/v1/screen': segmentPath('screen'),
  '/v1/batch': {
    post: {
      operationId: 'batch',
      tags: ['Intake'],
      summary: 'Take in Segment calls together',
      requestBody: {
        required: true,
        content: json(
          { type: 'object', required: ['batch'], properties: { batch: { type: 'array', items: { type: 'object' } } } },
          { batch: [{ type: 'track', ...segmentExamples.track }] },
        ),
      },
      responses: taken,
    },
  },
  '/v1/customers/{id}': read(
    'customer',
    'All that is known of one customer',
    'Customer',
    { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 200 } }] },
    exampleCustomer,
  ),
  '/v1/stages': read('stages', 'How many customers are in each lifecycle stage', 'Stages', noParameters),
  '/v1/alerts': read(
    'alerts',
    'Alerts, newest first',
    'Alerts',
    {
      parameters: [
        limitParameter,
        query('cursor', '`nextCursor` of the page before', { type: 'string' }),
        query('customer', 'Only of this customer', { type: 'string', maxLength: 200 }),
        query('rule', 'Only of this rule', { type: 'string', maxLength: 200 }),
      ],
    },
    exampleAlerts,
  ),
  '/v1/alerts/{id}/explanation': read('explanation', 'An alert, decided anew by its own rule', 'Explanation', {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 200 } }],
  }),
  '/v1/overview': read('overview', 'How things stand', 'Overview', noParameters),
  '/v1/feeds': read(
    'feeds',
    'Sources of events, and whether their silence holds absence alerts back',
    'Feeds',
    noParameters,
  ),
  '/v1/feeds/{source}/retire': {
    post: {
      operationId: 'retireFeed',
      tags: ['Feeds'],
      summary: 'Declare a feed over, so that it holds nothing back any more',
      description: 'Should it be heard again, it counts as a new feed.',
      parameters: [{ name: 'source', in: 'path', required: true, schema: { type: 'string', maxLength: 200 } }],
      responses: { '204': { description: 'It is over' }, ...problems(404, 503) },
    },
  },
  '/v1/incidents': read('incidents', 'Incidents, those that began last first', 'Incidents', {
    parameters: [
      limitParameter,
      query('state', 'Only those that are open, or over', { type: 'string', enum: [...incidentStates] }),
    ],
  }),
  '/v1/incidents/{id}': read('incident', 'One incident, whom it hit and who came back', 'Incident', {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 200 } }],
  }),
  '/v1/pack': read('pack', 'Rules, signals, playbooks and reasons in force', 'Pack', noParameters),
  '/v1/dead-letters': read('deadLetters', 'Records that could not be taken, newest first', 'DeadLetters', {
    parameters: [
      limitParameter,
      query('cursor', '`nextCursor` of the page before', { type: 'string' }),
      query('reason', 'Only those refused for this reason', { type: 'string', enum: [...rejectReasons] }),
      query('topic', 'Only those of this topic', { type: 'string' }),
    ],
  }),
  '/v1/dead-letters/{id}': read('deadLetter', 'One refused record with all of its bytes', 'DeadLetter', {
    parameters: [letterParameter],
  }),
  '/v1/dead-letters/{id}/replay': {
    post: {
      operationId: 'replay',
      tags: ['Dead letters'],
      summary: 'Send one refused record back through admission',
      description:
        'As it was, or with a corrected event as the body, in any of the shapes of `/v1/events`. A letter is replayed once; a replay that is repeated changes nothing.',
      parameters: [
        letterParameter,
        query('dryRun', 'Only say what would happen', { type: 'string', enum: ['true', 'false'], default: 'false' }),
      ],
      requestBody: { required: false, content: json(ref('Event'), exampleEvent) },
      responses: {
        '200': { description: 'It was admitted now, or before', content: json(ref('ReplayOutcome')) },
        ...problems(400, 404, 413, 415, 422, 503),
      },
    },
  },
  '/v1/dead-letters/replay': {
    post: {
      operationId: 'replayMany',
      tags: ['Dead letters'],
      summary: 'Send many refused records back through admission, corrected alike',
      requestBody: {
        required: true,
        content: json(ref('ReplayManyRequest'), {
          reason: 'unknown-type',
          topic: 'churnwatch.activity.v1',
          set: { type: 'app_open' },
          dryRun: true,
        }),
      },
      responses: {
        '200': { description: 'What became of each letter', content: json(ref('ReplayMany')) },
        ...problems(400, 404, 413, 415, 503),
      },
    },
  },
  '/v1/dead-letters/let-pass': {
    post: {
      operationId: 'letPass',
      tags: ['Dead letters'],
      summary: 'Let a partition that stands still bury its refused records up to an offset',
      requestBody: {
        required: true,
        content: json(ref('LetPassRequest'), { topic: 'churnwatch.activity.v1', partition: 3, upToOffset: 25_000 }),
      },
      responses: {
        '200': { description: 'The tracker reads it at its next try', content: json(ref('LetPass')) },
        ...problems(400, 413, 415, 503),
      },
    },
  },
  '/version': read('version', 'What runs here', 'Version', noParameters),
};

/** The API as OpenAPI 3.1. Its version is the API's, not the program's. */
export function openapiDocument(): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Churnwatch',
      version: '1.0.0',
      description: 'Events in; customers at risk, the reasons and the actions out.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'Intake' }, { name: 'Reading' }, { name: 'Feeds' }, { name: 'Dead letters' }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
      responses: {
        '400': problemResponse('The request cannot be read'),
        '404': problemResponse('There is no such thing'),
        '408': problemResponse('The request did not arrive in time'),
        '413': problemResponse('The body is larger than is taken'),
        '415': problemResponse('The content type is not understood'),
        '422': problemResponse('No event was accepted; `items` tells why of each'),
        '429': problemResponse('More is being taken in than there is room for: send the same request again', {
          headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } },
        }),
        '503': problemResponse('The log or the store is away: send the same request again', {
          headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } },
        }),
      },
    },
  };
}
