import { z } from 'zod';
import type { JsonSchema } from './json-schemas.js';
import {
  calendarFile,
  mappingFile,
  packFile,
  playbooksFile,
  reasonsFile,
  rulesFile,
  signalsFile,
} from './pack-files.js';

const packFiles = {
  pack: packFile,
  signals: signalsFile,
  rules: rulesFile,
  playbooks: playbooksFile,
  reasons: reasonsFile,
  calendar: calendarFile,
  mapping: mappingFile,
} as const;
type PackFileName = keyof typeof packFiles;
export const packFileNames = Object.keys(packFiles) as readonly PackFileName[];

/** For editors: what may stand in a file of a pack. Draft 7, which the YAML language server knows best. */
export function packSchema(name: PackFileName): JsonSchema {
  const schema = z.toJSONSchema(packFiles[name], { io: 'input', target: 'draft-7' }) as JsonSchema;
  return { ...schema, title: `${name}.yaml of a pack` };
}
