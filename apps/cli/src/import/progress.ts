import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const progressSchema = z.object({
  /** Hash of the options that shape the events: going on with others would mix two imports. */
  shape: z.string(),
  rows: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  /** Older files do not have it. */
  skipped: z.number().default(0),
  /** Length of the rejects' file then: what lies beyond was written by rows that will come again. */
  rejectedBytes: z.number(),
  done: z.boolean(),
});
export type ImportProgress = z.infer<typeof progressSchema>;

/** How far a file has been sent, kept under the hash of its content: a renamed file is still the same import. */
export class ProgressFile {
  private readonly path: string;
  constructor(
    private readonly folder: string,
    fileHash: string,
  ) {
    this.path = join(folder, `${fileHash}.json`);
  }

  async read(): Promise<ImportProgress | null> {
    try {
      return progressSchema.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Whole or not at all: an interruption leaves the earlier state. */
  async write(progress: ImportProgress): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(`${this.path}.new`, JSON.stringify(progress));
    await rename(`${this.path}.new`, this.path);
  }

  async forget(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex').slice(0, 32);
}
