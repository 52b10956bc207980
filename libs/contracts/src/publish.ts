import { asyncapiYaml } from './asyncapi.js';
import type { WireSchemaName } from './json-schemas.js';
import { schemaFile, wireSchemas } from './json-schemas.js';
import { openapiDocument } from './openapi.js';
import { packFileNames, packSchema } from './pack-schemas.js';

const pretty = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** Every contract that is published, as path under docs/ and text. `npm run generate:contracts` writes them. */
export function publications(): ReadonlyMap<string, string> {
  const names = Object.keys(wireSchemas) as readonly WireSchemaName[];
  return new Map([
    ['openapi.json', pretty(openapiDocument())],
    ['asyncapi.yaml', asyncapiYaml()],
    ...names.map((name): [string, string] => [`schemas/${name}.json`, pretty(schemaFile(name))]),
    ...packFileNames.map((name): [string, string] => [`schemas/pack-${name}.json`, pretty(packSchema(name))]),
  ]);
}
