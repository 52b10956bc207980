import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** Checks values against a JSON Schema (2020-12) and answers the faults: none when all is well. */
export function aValidator(schema: object): (value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: true, allErrors: true, strictTypes: false });
  addFormats.default(ajv);
  // Zod writes both a pattern and this name of it, and OpenAPI's schemas refer to one another below `components`.
  ajv.addFormat('base64', true);
  ajv.addKeyword('components');
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`));
}
