import type {
  AlertItem,
  AlertsAnswer,
  CustomerAnswer,
  ExplanationAnswer,
  OverviewAnswer,
  PackAnswer,
} from '#contracts';
import { alertBodyOf, transitionBodyOf } from '#contracts';
import type { EpochMs, Locale, Pack, WeighedCondition } from '#domain';
import { isoOf } from '#domain';
import type { AlertView, CustomerView, Explanation, Overview } from '#pipeline';

const isoOrNull = (at: EpochMs | null): string | null => (at === null ? null : isoOf(at));

export const customerAnswerOf = (view: CustomerView): CustomerAnswer => ({
  customer: view.customer,
  asOf: isoOf(view.asOf),
  firstSeenAt: isoOf(view.firstSeenAt),
  lastSeenAt: isoOf(view.lastSeenAt),
  windows: view.windows.map((window) => ({ ...window })),
  signals: { ...view.signals },
  lifecycle: { stage: view.stage, since: isoOrNull(view.stageSince), usualGapDays: view.usualGapDays },
  value: view.value && { ...view.value, asOf: isoOf(view.value.asOf) },
  flags: view.flags.map(({ rule, isMuted, verdict, flag }) => ({
    rule,
    verdict,
    state: flag.state,
    since: flag.since === 0 ? null : isoOf(flag.since),
    episode: flag.episode,
    clearedAt: isoOrNull(flag.clearedAt),
    muted: isMuted,
  })),
  timeline: view.timeline.map((entry) => ({ ...entry, at: isoOf(entry.at) })),
});

const alertItemOf = ({ alert, deliveries }: AlertView): AlertItem => ({
  ...alertBodyOf(alert),
  deliveries: deliveries.map((delivery) => ({ ...delivery, lastAt: isoOf(delivery.lastAt) })),
});

export const alertsAnswerOf = (views: readonly AlertView[], nextCursor: string | null): AlertsAnswer => ({
  items: views.map(alertItemOf),
  nextCursor,
});

const weighedOf = ({ text, holds, comparisons }: WeighedCondition) => ({
  text,
  holds,
  comparisons: comparisons.map((comparison) => ({ ...comparison })),
});

export const explanationAnswerOf = (explained: Explanation): ExplanationAnswer => ({
  alert: alertBodyOf(explained.alert),
  ruleKeptAt: isoOf(explained.keptAt),
  verdict: explained.verdict,
  guard: weighedOf(explained.guard),
  enter: weighedOf(explained.enter),
  exit: weighedOf(explained.exit),
  evidence: explained.evidence.map((shown) => ({ ...shown })),
  agrees: explained.agrees,
});

export const overviewAnswerOf = (overview: Overview): OverviewAnswer => ({
  asOf: isoOf(overview.asOf),
  customers: overview.customers,
  events: overview.events,
  deadLetters: overview.deadLetters,
  rules: overview.rules.map((rule) => ({ ...rule })),
  deliveries: overview.deliveries.map((delivery) => ({ ...delivery })),
  eventsPerDay: overview.eventsPerDay.map((perDay) => ({ ...perDay })),
  latestTransitions: overview.latestTransitions.map(transitionBodyOf),
});

export const packAnswerOf = (pack: Pack, locale: Locale): PackAnswer => ({
  name: pack.name,
  version: pack.version,
  title: pack.title,
  locale,
  rules: pack.rules.map((rule) => ({
    id: rule.id,
    version: rule.version,
    title: rule.title,
    owner: rule.owner,
    severity: rule.severity,
    reason: rule.reason,
    playbook: rule.playbook,
    evidence: [...rule.evidence],
    muted: rule.muted,
    ...rule.policy,
  })),
  signals: pack.signals.map(({ name, kind, unit, description, events }) => ({
    name,
    kind,
    unit,
    description,
    events: [...events],
  })),
  playbooks: pack.playbooks.map((playbook) => ({ ...playbook })),
  reasons: pack.reasons.map((reason) => ({ ...reason })),
});
