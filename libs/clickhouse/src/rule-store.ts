import { z } from 'zod';
import type { EpochMs, Pack } from '#domain';
import { epochMs, signalsRead } from '#domain';
import type { RuleEdition, RuleStore } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const ruleEditions = query({
  name: 'rule-editions',
  about: 'Rules as they were when they were first in force under these versions.',
  sql: `SELECT version, argMin(edition, kept_at) AS edition, min(kept_at) AS keptAt FROM $db.rule_edition_v1
WHERE version IN {versions:Array(String)} GROUP BY version ORDER BY version`,
  params: z.object({ versions: z.array(z.string()) }),
  row: z.object({ version: z.string(), edition: z.string(), keptAt: z.number() }),
});

export class ClickHouseRuleStore implements RuleStore {
  constructor(private readonly store: Store) {}

  async keep({ rules, signals }: Pack, at: EpochMs): Promise<void> {
    const kept = await this.store.rows(ruleEditions, { versions: rules.map(({ version }) => version) });
    const known = new Set(kept.map(({ version }) => version));
    const rows = rules
      .filter(({ version }) => !known.has(version))
      .map((rule) => {
        const read = new Set([...signalsRead(rule), ...rule.evidence]);
        const edition = { rule, signals: signals.filter(({ name }) => read.has(name)) };
        return [rule.version, rule.id, JSON.stringify(edition), at];
      });
    await this.store.insert('rule_edition_v1', ['version', 'rule', 'edition', 'kept_at'], rows);
  }

  async edition(version: string): Promise<RuleEdition | null> {
    const [row] = await this.store.rows(ruleEditions, { versions: [version] });
    if (!row) return null;
    return { ...(JSON.parse(row.edition) as Omit<RuleEdition, 'keptAt'>), keptAt: epochMs(row.keptAt) };
  }
}
