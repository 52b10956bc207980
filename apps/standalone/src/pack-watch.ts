import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pack } from '#domain';
import { ChurnError } from '#domain';
import type { Rulebook } from '#pipeline';
import { loadPack } from '#pipeline';
import type { Log } from '#platform';

/**
 * Has a pack's files adopted when they change, all of them or none: while there is a mistake in any, the rules in force
 * stay, and `refusal` says why. Looks at the texts themselves: mounted files may change without a new date.
 */
export class PackWatch {
  /** What is wrong with the files as they are; empty when they are in force. */
  refusal = '';
  private seen: string;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: {
      readonly folder: string;
      readonly rulebook: Rulebook;
      /** Before anything is decided by it. */
      readonly keep: (pack: Pack) => Promise<void>;
      readonly log: Log;
    },
  ) {
    this.seen = textOf(parts.folder);
  }

  start(everyMs: number): void {
    const again = (): void => {
      this.looking = this.look().catch((error: unknown) => {
        // The store may be away: what was seen is forgotten, so the next look tries again.
        this.seen = '';
        this.parts.log.warn('rules-not-adopted', { reason: String(error) });
      });
      void this.looking.then(() => (this.timer = setTimeout(again, everyMs).unref()));
    };
    this.timer = setTimeout(again, everyMs).unref();
  }

  async stop(): Promise<void> {
    await this.looking;
    clearTimeout(this.timer);
  }

  async look(): Promise<void> {
    const { folder, rulebook, keep, log } = this.parts;
    const text = textOf(folder);
    if (text === this.seen) return;
    const before = rulebook.current;
    let pack: Pack;
    try {
      pack = loadPack(folder);
    } catch (error) {
      if (!(error instanceof ChurnError) || error.code !== 'PACK_INVALID') throw error;
      this.seen = text;
      this.refusal = error.message;
      log.error('rules-refused', { inForce: before.version, reason: error.message });
      return;
    }
    const isOther = pack.version !== before.version;
    if (isOther) await keep(pack);
    const wasRefused = this.refusal !== '';
    this.seen = text;
    this.refusal = '';
    // A comment is no other rule: nobody need be looked at again.
    if (!isOther) return wasRefused ? log.info('rules-mended', { inForce: before.version }) : undefined;
    rulebook.adopt(pack);
    log.info('rules-adopted', { version: pack.version, before: before.version, rules: changed(before, pack) });
  }
}

function changed(before: Pack, after: Pack): string[] {
  const versions = (pack: Pack) => new Map(pack.rules.map(({ id, version }) => [id, version]));
  const [old, own] = [versions(before), versions(after)];
  return [
    ...after.rules.filter(({ id, version }) => old.get(id) !== version).map(({ id }) => id),
    ...before.rules.filter(({ id }) => !own.has(id)).map(({ id }) => `${id} (withdrawn)`),
  ];
}

/** Files on their way in or out are seen at the next look. */
function textOf(folder: string): string {
  try {
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .toSorted();
    return names.map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`).join('\n');
  } catch (error) {
    return String(error);
  }
}
