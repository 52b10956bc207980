import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's folder: sources and the built program lie at different depths below it. */
export const packageRoot = (from: string = import.meta.dirname): string =>
  existsSync(join(from, 'package.json')) ? from : packageRoot(dirname(from));
