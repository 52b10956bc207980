import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ChurnError } from '#domain';
import { settingSections } from './settings.js';

/** Variables as the process got them. A name with `_FILE` behind it gives the value in a file: for secrets. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads one concern's settings. An unset or empty variable takes its default.
 * Throws ChurnError CONFIG_INVALID that names every mistake at once.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment = process.env): Readonly<z.infer<S>> {
  const parsed = schema.safeParse(given(schema, env));
  if (parsed.success) return Object.freeze(parsed.data);
  throw unusable(mistakesIn(parsed.error));
}

/** Checks every section and throws ChurnError CONFIG_INVALID with the mistakes of all of them. */
export function checkAllSettings(env: Environment = process.env): void {
  const mistakes = Object.values(settingSections).flatMap((schema) => {
    const parsed = schema.safeParse(given(schema, env));
    return parsed.success ? [] : mistakesIn(parsed.error);
  });
  if (mistakes.length > 0) throw unusable(mistakes);
}

function given(schema: z.ZodObject, env: Environment): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name] ?? readSecretFile(env[`${name}_FILE`], `${name}_FILE`);
    if (value !== undefined && value !== '') values[name] = value;
  }
  return values;
}

const mistakesIn = (error: z.ZodError): string[] =>
  error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);

const unusable = (mistakes: readonly string[]): ChurnError =>
  new ChurnError('CONFIG_INVALID', `these settings cannot be used:\n${mistakes.join('\n')}\nSee docs/configuration.md`);

function readSecretFile(path: string | undefined, variable: string): string | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new ChurnError('CONFIG_INVALID', `${variable} names a file that cannot be read: ${path}`, { cause });
  }
}
