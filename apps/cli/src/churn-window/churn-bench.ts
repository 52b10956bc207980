import type { ClickHouseSilenceStore } from '#clickhouse';
import type { EpochMs, Pack, SilenceBound, TenantId } from '#domain';
import { DAY, plus } from '#domain';
import type { SilenceOutlook } from '#scoring';
import { silenceOutlook } from '#scoring';
import type { Period } from '../stored-history.js';

const shownDays = [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730];
/** Shorter than a week nobody calls lost. */
const shortestCandidate = 7;
const monthMs = 30 * DAY;
const mostMonths = 12;

const segmentKinds = ['all', 'value', 'tenure', 'platform', 'channel'] as const;
type SegmentKind = (typeof segmentKinds)[number];

interface SegmentOutlook extends SilenceOutlook {
  readonly by: SegmentKind;
  /** Empty: of all, or of nothing known. */
  readonly segment: string;
}

/** The churn rate of a base by one definition of churn. */
export interface Headline {
  readonly definition: 'candidate' | 'proposed' | 'pack';
  readonly bound: SilenceBound;
  /** Summed over the months. */
  readonly stood: number;
  readonly churned: number;
  /** Of the churned, those who were active again by the end of the data. */
  readonly back: number;
}

export const rateOf = ({ churned, stood }: Headline): number | null => (stood === 0 ? null : churned / stood);

export interface ChurnBench extends Period {
  readonly level: number;
  readonly horizonDays: number;
  readonly all: SilenceOutlook;
  /** Of each kind there are two at least. */
  readonly segments: readonly SegmentOutlook[];
  /** Beginnings of the months over which `headlines` count, the same for each definition. */
  readonly months: readonly EpochMs[];
  readonly headlines: readonly Headline[];
}

interface BenchQuestion extends Period {
  readonly tenant: TenantId;
  readonly pack: Pack;
  readonly level: number;
  readonly horizonDays: number;
}

/** What a history says of when a silence is a loss. Null when aborted. */
export async function benchChurn(
  question: BenchQuestion,
  silences: Pick<ClickHouseSilenceStore, 'days' | 'periods'>,
  onProgress: (done: number, of: number) => void,
  signal: AbortSignal,
): Promise<ChurnBench | null> {
  const { tenant, pack, level, horizonDays, from, to } = question;
  const counts = await silences.days({ tenant, churn: pack.churn, value: pack.value, from, upTo: to });
  const outlookOf = (rows: typeof counts): SilenceOutlook =>
    silenceOutlook(rows, { horizonDays, level, shown: shownDays });
  const all = outlookOf(counts.filter(({ by }) => by === 'all'));
  const segments = segmentKinds
    .filter((by) => by !== 'all')
    .flatMap((by): SegmentOutlook[] => {
      const own = counts.filter((each) => each.by === by);
      const names = [...new Set(own.map(({ segment }) => segment))];
      if (names.length < 2) return [];
      return names.map((name) => ({ by, segment: name, ...outlookOf(own.filter(({ segment }) => segment === name)) }));
    })
    .toSorted((a, b) => segmentKinds.indexOf(a.by) - segmentKinds.indexOf(b.by) || compare(a.segment, b.segment));

  const definitions = definitionsFor(question, all.window?.days ?? null);
  const months = monthsAfter(definitions, question);
  const headlines: Headline[] = [];
  for (const [i, { definition, bound }] of months.length === 0 ? [] : definitions.entries()) {
    onProgress(i + 1, definitions.length + 1);
    if (signal.aborted) return null;
    const asked = { tenant, churn: pack.churn, bound, upTo: to, periods: months, lengthMs: monthMs };
    const rows = await silences.periods(asked);
    const sum = (of: 'stood' | 'churned' | 'back'): number => rows.reduce((all, row) => all + row[of], 0);
    headlines.push({ definition, bound, stood: sum('stood'), churned: sum('churned'), back: sum('back') });
  }
  if (signal.aborted) return null;
  return { from, to, level, horizonDays, all, segments, months, headlines };
}

/** Numbers by size: "90-365 d" comes after "30-90 d". */
const compare = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

type Definition = Pick<Headline, 'definition' | 'bound'>;

/** None that the data could show in a month or two only: nobody can have been silent for longer than there are data. */
function definitionsFor({ from, to, pack }: BenchQuestion, proposedDays: number | null): readonly Definition[] {
  const fixed = (definition: Headline['definition'], days: number): Definition => ({
    definition,
    bound: { afterMs: days * DAY, gaps: 0 },
  });
  const candidates = shownDays.filter((days) => days >= shortestCandidate && days !== proposedDays);
  const all: readonly Definition[] = [
    ...candidates.map((days) => fixed('candidate', days)),
    ...(proposedDays === null ? [] : [fixed('proposed', proposedDays)]),
  ].toSorted((a, b) => a.bound.afterMs - b.bound.afterMs);
  return [...all, { definition: 'pack' as const, bound: pack.churn.churned }].filter(
    ({ bound, definition }) =>
      bound.afterMs <= (to - from) / 2 || (definition === 'pack' && bound.afterMs + monthMs <= to - from),
  );
}

/** Before the longest definition has passed once, nobody could have churned by it: such months would flatter it. */
function monthsAfter(definitions: readonly Definition[], { from, to }: Period): readonly EpochMs[] {
  const longest = Math.max(0, ...definitions.map(({ bound }) => bound.afterMs));
  const months = Math.min(mostMonths, Math.floor((to - from - longest) / monthMs));
  return Array.from({ length: Math.max(0, months) }, (_, i) => plus(to, (i - months) * monthMs));
}
