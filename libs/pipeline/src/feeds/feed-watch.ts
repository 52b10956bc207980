import type { EpochMs, TenantId } from '#domain';
import { epochMs, SECOND } from '#domain';
import type { Feeds } from './feeds.js';
import type { Observer } from '../ports/observer.js';

const everyMs = 10 * SECOND;

interface Silence {
  readonly tenant: TenantId;
  readonly source: string;
  readonly since: EpochMs;
}

/** Tells of each feed's silence once when it becomes notable and once when it is over. */
export class FeedWatch {
  private readonly told = new Map<string, Silence>();
  private lookedAt = epochMs(0);

  constructor(private readonly observer: Observer) {}

  /** `read`: everything that had arrived by then is read, so our own delay is nobody's silence. */
  look(feeds: Feeds, read: EpochMs): void {
    if (read - this.lookedAt < everyMs) return;
    this.lookedAt = read;
    const vouching = new Map(feeds.vouching(read).map((feed) => [`${feed.tenant} ${feed.source}`, feed]));
    this.observer({
      kind: 'feeds',
      silences: Array.from(vouching.values(), ({ source, silentSince }) => [
        source,
        silentSince === null ? 0 : read - silentSince,
      ]),
    });
    for (const [key, { tenant, source, since }] of this.told) {
      if (vouching.get(key)?.silentSince === since) continue;
      this.told.delete(key);
      const reason = vouching.has(key) ? 'heard' : 'vouches-no-more';
      this.observer({ kind: 'feed-silence-over', tenant, source, since, reason });
    }
    for (const [key, { tenant, source, silentSince: since, heardUpTo: heldAt }] of vouching) {
      if (since === null || this.told.has(key)) continue;
      this.told.set(key, { tenant, source, since });
      this.observer({ kind: 'feed-silent', tenant, source, since, heldAt });
    }
  }
}
