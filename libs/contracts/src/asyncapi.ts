import { stringify } from 'yaml';
import {
  exampleAction,
  exampleDeadLetter,
  exampleEvent,
  exampleIncident,
  exampleRiskCurrent,
  exampleStage,
  exampleTransition,
} from './examples.js';
import { jsonSchemaOf, wireSchemas } from './json-schemas.js';
import type { JsonSchema, WireSchemaName } from './json-schemas.js';
import { topics } from './topics.js';
import type { Topic } from './topics.js';

interface PublicTopic {
  readonly topic: Topic;
  readonly message: WireSchemaName;
  readonly direction: 'send' | 'receive';
}

/** `touched` is missing: it is nobody's contract but our own. */
const publicTopics: Readonly<Record<string, PublicTopic>> = {
  activity: { topic: topics.activity, message: 'event', direction: 'receive' },
  transaction: { topic: topics.transaction, message: 'event', direction: 'receive' },
  feedback: { topic: topics.feedback, message: 'event', direction: 'receive' },
  riskTransitions: { topic: topics.riskTransitions, message: 'risk-transition', direction: 'send' },
  riskCurrent: { topic: topics.riskCurrent, message: 'risk-current', direction: 'send' },
  incident: { topic: topics.incident, message: 'incident', direction: 'send' },
  customerStage: { topic: topics.customerStage, message: 'customer-stage', direction: 'send' },
  action: { topic: topics.action, message: 'action', direction: 'send' },
  deadLetter: { topic: topics.deadLetter, message: 'dead-letter', direction: 'send' },
};

const examples: Readonly<Record<WireSchemaName, unknown>> = {
  event: exampleEvent,
  'risk-transition': exampleTransition,
  'risk-current': exampleRiskCurrent,
  'customer-stage': exampleStage,
  action: exampleAction,
  incident: exampleIncident,
  'dead-letter': exampleDeadLetter,
};

const keys: Readonly<Partial<Record<WireSchemaName, string>>> = {
  'dead-letter': 'The refused record’s key',
  incident: 'The incident',
};

function messageOf(name: WireSchemaName): JsonSchema {
  const { title, description } = wireSchemas[name].meta() ?? {};
  return {
    name,
    title,
    summary: description,
    contentType: 'application/cloudevents+json',
    bindings: {
      kafka: {
        key: { type: 'string', description: keys[name] ?? 'The customer' },
        bindingVersion: '0.5.0',
      },
    },
    payload: { $ref: `#/components/schemas/${name}` },
    examples: [{ payload: examples[name] }],
  };
}

const channelOf = ({ topic, message }: PublicTopic): JsonSchema => ({
  address: topic.name,
  description: topic.about,
  messages: { [message]: { $ref: `#/components/messages/${message}` } },
  bindings: { kafka: { topic: topic.name, topicConfiguration: topicConfiguration(topic), bindingVersion: '0.5.0' } },
});

const topicConfiguration = ({ config }: Topic): JsonSchema => ({
  'cleanup.policy': [config['cleanup.policy']],
  ...(config['retention.ms'] === undefined ? {} : { 'retention.ms': Number(config['retention.ms']) }),
});

/** The topics as AsyncAPI 3, seen from Churnwatch: it receives events and sends the rest. */
export function asyncapiDocument(): JsonSchema {
  const names = Object.keys(wireSchemas) as readonly WireSchemaName[];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Churnwatch topics',
      version: '1.0.0',
      description: 'Every record is a CloudEvent 1.0 in structured mode; intake topics take binary mode too.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(Object.entries(publicTopics).map(([id, topic]) => [id, channelOf(topic)])),
    operations: Object.fromEntries(
      Object.entries(publicTopics).map(([id, { direction, message }]) => [
        `${direction}${id[0]!.toUpperCase()}${id.slice(1)}`,
        {
          action: direction,
          channel: { $ref: `#/channels/${id}` },
          messages: [{ $ref: `#/channels/${id}/messages/${message}` }],
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(names.map((name) => [name, messageOf(name)])),
      schemas: Object.fromEntries(names.map((name) => [name, jsonSchemaOf(wireSchemas[name])])),
    },
  };
}

export const asyncapiYaml = (): string => stringify(asyncapiDocument(), { aliasDuplicateObjects: false });
