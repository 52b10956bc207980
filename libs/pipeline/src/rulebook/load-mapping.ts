import { basename, dirname } from 'node:path';
import type { MappingEntry } from '#contracts';
import { mappingFile } from '#contracts';
import { ChurnError } from '#domain';
import { readYaml } from './read-yaml.js';

/** Reads a mapping.yaml. Throws ChurnError IMPORT_INVALID with every mistake as `file:line:column: what is wrong`. */
export function loadMapping(path: string): MappingEntry {
  const complaints: string[] = [];
  const read = readYaml(dirname(path), basename(path), mappingFile, complaints);
  if (read !== null) return read.value;
  const lines = complaints.map((line) => `  ${line}`).join('\n');
  throw new ChurnError('IMPORT_INVALID', `the mapping ${path} cannot be used:\n${lines}`);
}
