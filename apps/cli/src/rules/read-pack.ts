import type { Pack } from '#domain';
import { ChurnError } from '#domain';
import { loadPack } from '#pipeline';
import { packFolder } from '#platform';
import type { Terminal } from '../terminal.js';

/** As a start would. Each mistake is said as `file:line:column`, and then it is null. */
export function readPack(pack: string, terminal: Terminal): Pack | null {
  try {
    return loadPack(packFolder(pack));
  } catch (error) {
    if (!(error instanceof ChurnError) || error.code !== 'PACK_INVALID') throw error;
    terminal.say(error.message);
    return null;
  }
}
