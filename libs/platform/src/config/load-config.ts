import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ChurnError } from '#domain';

/** Variables as the process got them. A name with `_FILE` behind it gives the value in a file: for secrets. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads one concern's settings. An unset or empty variable takes its default.
 * Throws ChurnError CONFIG_INVALID that names every mistake at once.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment = process.env): Readonly<z.infer<S>> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name] ?? readSecretFile(env[`${name}_FILE`], `${name}_FILE`);
    if (value !== undefined && value !== '') given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const mistakes = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ChurnError(
    'CONFIG_INVALID',
    `these settings cannot be used:\n${mistakes.join('\n')}\nSee docs/configuration.md`,
  );
}

function readSecretFile(path: string | undefined, variable: string): string | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new ChurnError('CONFIG_INVALID', `${variable} names a file that cannot be read: ${path}`, { cause });
  }
}
