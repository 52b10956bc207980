import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { allTopics, decodeEvent, defaultAdmissionLimits, topics } from '#contracts';
import { epochMs, tenantId } from '#domain';
import { aValidator } from '../support/json-schema.js';

type Node = Readonly<Record<string, unknown>>;
const docs = new URL('../../docs/', import.meta.url);
const openapi = JSON.parse(readFileSync(new URL('openapi.json', docs), 'utf8')) as Node;
const asyncapi = parse(readFileSync(new URL('asyncapi.yaml', docs), 'utf8')) as Node;

/** Follows `#/a/b` inside one document. */
function at(document: Node, pointer: string): Node {
  return pointer
    .split('/')
    .slice(1)
    .reduce<Node>((node, name) => {
      const next = node[name.replaceAll('~1', '/').replaceAll('~0', '~')];
      if (typeof next !== 'object' || next === null) throw new Error(`${pointer} leads nowhere`);
      return next as Node;
    }, document);
}

function* every(node: unknown): Generator<Node> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node as Node;
  for (const value of Object.values(node)) yield* every(value);
}

const references = (document: Node): readonly string[] =>
  [...every(document)].filter((node) => typeof node['$ref'] === 'string').map((node) => node['$ref'] as string);

describe('docs/openapi.json', () => {
  it('keeps the OpenAPI 3.1 schema', async () => {
    const result = await new Validator().validate(structuredClone(openapi) as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it('has no reference that leads nowhere', () => {
    for (const pointer of references(openapi)) expect(at(openapi, pointer)).toBeDefined();
  });

  const media = [...every(openapi)].filter((node) => 'schema' in node && 'example' in node);
  it.each(media.map((node, index) => [index, node] as const))('example %i keeps its schema', (_index, node) => {
    const schema = { ...(node['schema'] as Node), components: openapi['components'] };
    expect(aValidator(schema)(node['example'])).toEqual([]);
  });
  it('has examples', () => expect(media.length).toBeGreaterThan(8));
});

describe('docs/asyncapi.yaml', () => {
  it('keeps the AsyncAPI 3 schema', () => {
    const require = createRequire(import.meta.url);
    const schema = require('@asyncapi/specs/schemas/3.0.0.json') as object;
    // The schema brings its own copy of draft 7, so Ajv must not.
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, meta: false, validateSchema: false });
    const validate = ajv.compile(schema);
    validate(asyncapi);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('has no reference that leads nowhere', () => {
    for (const pointer of references(asyncapi)) expect(at(asyncapi, pointer)).toBeDefined();
  });

  it('describes every topic but the internal one, with its settings', () => {
    const channels = Object.values(asyncapi['channels'] as Record<string, Node>);
    const addresses = channels.map((channel) => channel['address']);
    const expected = allTopics.filter((topic) => topic.name !== topics.touched.name).map((topic) => topic.name);
    expect(addresses.toSorted()).toEqual(expected.toSorted());
  });

  const messages = Object.entries(at(asyncapi, '#/components/messages')) as [string, Node][];
  it.each(messages)('the example of %s keeps its payload', (_name, message) => {
    const schema = at(asyncapi, (message['payload'] as { $ref: string }).$ref);
    for (const { payload } of message['examples'] as readonly { payload: unknown }[])
      expect(aValidator(schema)(payload)).toEqual([]);
  });

  it('the example event is admitted', () => {
    const [, message] = messages.find(([name]) => name === 'event')!;
    const [{ payload }] = message['examples'] as [{ payload: unknown }];
    const now = epochMs(Date.UTC(2026, 2, 1, 10));
    const arrival = { ...defaultAdmissionLimits, tenant: tenantId('default'), now, receivedAt: now };
    expect(decodeEvent(Buffer.from(JSON.stringify(payload)), {}, arrival)).toMatchObject({ kind: 'admitted' });
  });
});
