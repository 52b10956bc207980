import { rename, rm, writeFile } from 'node:fs/promises';

/** Whole or not at all: whoever reads the file, or interrupts, finds the earlier one or the new one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  try {
    await writeFile(fresh, text);
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
