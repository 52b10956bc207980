import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The project's folder: sources and the built program lie at different depths below it. */
export const packageRoot = (from: string = import.meta.dirname): string =>
  existsSync(join(from, 'package.json')) ? from : packageRoot(dirname(from));

/** `app` is packs/app of this project; anything with a separator is a folder of the user's own. */
export function packFolder(pack: string): string {
  const shipped = join(packageRoot(), 'packs', pack);
  return !/[/\\]/.test(pack) && existsSync(shipped) ? shipped : resolve(pack);
}
