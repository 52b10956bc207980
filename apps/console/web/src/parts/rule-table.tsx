import type { OverviewAnswer } from '#contracts';
import { useRuleName } from '../pack.js';
import { useLanguage } from '../texts/language.js';
import { MutedNote, SeverityBadge } from './badges.js';
import { Bar, Empty } from './panel.js';

type RuleCounts = OverviewAnswer['rules'][number];
const columns = ['pending', 'raised', 'firedTotal', 'clearedTotal'] as const;
type Column = (typeof columns)[number];
const tones: Readonly<Record<Column, string>> = {
  pending: 'pending',
  raised: 'raised',
  firedTotal: 'fired',
  clearedTotal: 'cleared',
};

/** Bars share one scale among what is now and another among the totals, so that rules compare at a glance. */
export function RuleTable({ rules }: { rules: readonly RuleCounts[] }) {
  const { t, format } = useLanguage();
  const ruleName = useRuleName();
  if (rules.length === 0) return <Empty>{t.noRules}</Empty>;

  const most = (...of: readonly Column[]): number =>
    Math.max(...rules.flatMap((rule) => of.map((column) => rule[column])));
  const now = most('pending', 'raised');
  const total = most('firedTotal', 'clearedTotal');
  const headings: Readonly<Record<Column, string>> = {
    pending: t.pendingColumn,
    raised: t.raisedColumn,
    firedTotal: t.firedColumn,
    clearedTotal: t.clearedColumn,
  };
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t.flagsByRule}>
      <table class="rules">
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              {t.rule}
            </th>
            <th scope="colgroup" colSpan={2} class="group">
              {t.nowHint}
            </th>
            <th scope="colgroup" colSpan={2} class="group">
              {t.totalSoFar}
            </th>
          </tr>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class="number">
                {headings[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => {
            const { title, severity, muted } = ruleName(rule.rule);
            return (
              <tr key={rule.rule} data-rule={rule.rule}>
                <th scope="row">
                  {title} <SeverityBadge severity={severity} /> <MutedNote why={muted} />
                </th>
                {columns.map((column) => (
                  <td key={column} class="number" data-column={column}>
                    <Bar
                      value={rule[column]}
                      most={column === 'pending' || column === 'raised' ? now : total}
                      shown={format.count(rule[column])}
                      tone={tones[column]}
                    />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
