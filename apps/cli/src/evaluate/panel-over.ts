import type { ClickHousePanelStore } from '#clickhouse';
import type { EventType, TenantId } from '#domain';
import type { CustomerPast, Panel } from '#scoring';
import { frictionsBut, windowsMs } from '#scoring';

/** How many answers are kept: whoever is scored is asked for again to be fitted and to be judged. */
const kept = 3;

/** The store as the score reads it. */
export function panelOver(store: ClickHousePanelStore, tenant: TenantId, marked: EventType | null): Panel {
  const frictions = frictionsBut(marked);
  const answers = new Map<string, Promise<readonly CustomerPast[]>>();
  return {
    pasts(knownUpTo, asOf, pace) {
      const key = `${knownUpTo} ${asOf} ${pace.stretch}`;
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = store.pasts({ tenant, knownUpTo, asOf, spansMs: windowsMs(pace), frictions, marked });
      answers.set(key, answer);
      const [oldest] = answers.keys();
      if (answers.size > kept) answers.delete(oldest!);
      return answer;
    },
    deeds: (after, upTo) => store.deeds(tenant, marked, after, upTo),
  };
}
