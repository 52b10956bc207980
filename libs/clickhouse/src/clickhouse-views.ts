import type { Alert, AlertId, CustomerId, EpochMs, EventType, TenantId } from '#domain';
import { DAY, epochMs, incidentId, neverRaised, plus, ruleId, stages } from '#domain';
import type {
  AlertQuery,
  AlertView,
  CustomerView,
  Evaluator,
  Overview,
  StageCount,
  TimelineEntry,
  Views,
} from '#pipeline';
import { alertOf, decisionOf } from './queries/flags.js';
import * as queries from './queries/views.js';
import type { Store } from './store.js';

const daysShown = 180;
/** Of events and of transitions each: a busy customer's events must not crowd out what was decided. */
const timelineLength = 200;
const overviewDays = 60;

export class ClickHouseViews implements Views {
  constructor(
    private readonly store: Store,
    private readonly evaluator: Evaluator,
  ) {}

  async customer(tenant: TenantId, customer: CustomerId, asOf: EpochMs): Promise<CustomerView | null> {
    const [span] = await this.store.rows(queries.customerSpan, { tenant, customer });
    if (!span || span.events === 0) return null;
    const [days, events, moves, [told], [value], [evaluation]] = await Promise.all([
      this.store.rows(queries.customerDays, { tenant, customer, since: plus(asOf, -daysShown * DAY) }),
      this.store.rows(queries.customerEvents, { tenant, customer, limit: timelineLength }),
      this.store.rows(queries.customerTransitions, { tenant, customer, limit: timelineLength }),
      this.store.rows(queries.customerStage, { tenant, customer }),
      this.store.rows(queries.customerValue, { tenant, customer }),
      this.evaluator.evaluate([{ tenant, customer, asOf }]),
    ]);
    const transitions = moves.map((row) => decisionOf(row).transition);
    const flags = this.evaluator.pack.rules.map((rule) => {
      const last = transitions.filter((move) => move.rule === rule.id).toSorted((a, b) => b.sequence - a.sequence)[0];
      const flag = last
        ? { state: last.to, since: last.becameDueAt, episode: last.episode, clearedAt: last.clearedAt }
        : neverRaised;
      const verdict = evaluation?.verdicts.get(rule.id) ?? ('no-data' as const);
      return { rule: rule.id, isMuted: rule.muted !== null, verdict, flag };
    });
    // Newest first, and the sort keeps this order within one instant: what an event brought about stands above it.
    const timeline: TimelineEntry[] = [
      ...transitions.map((move) => ({
        at: move.becameDueAt,
        kind: 'transition' as const,
        type: move.rule,
        amount: null,
        detail: {
          from: move.from,
          to: move.to,
          episode: move.episode,
          evidence: move.evidence,
          detectedAt: move.detectedAt,
        },
      })),
      ...events.map(({ at, type, amount, attributes, ...where }) => ({
        at: epochMs(at),
        kind: 'event' as const,
        type,
        amount,
        detail: { ...where, ...(JSON.parse(attributes) as Record<string, unknown>) },
      })),
    ];
    return {
      customer,
      asOf,
      firstSeenAt: epochMs(span.firstSeenAt),
      lastSeenAt: epochMs(span.lastSeenAt),
      windows: days.map((row) => ({ ...row, type: row.type as EventType })),
      signals: evaluation?.signals ?? {},
      stage: evaluation?.stage ?? null,
      stageSince: told && told.stage === evaluation?.stage ? epochMs(told.since) : null,
      usualGapDays: evaluation?.usualGapDays ?? null,
      value: value ? { ...value, asOf: epochMs(value.asOf) } : null,
      flags,
      timeline: timeline.sort((a, b) => b.at - a.at),
    };
  }

  async alerts(tenant: TenantId, asked: AlertQuery): Promise<readonly AlertView[]> {
    const rows = await this.store.rows(queries.alertsPage, {
      tenant,
      customer: asked.customer ?? '',
      rule: asked.rule ?? '',
      beforeAt: asked.before?.detectedAt ?? Number.MAX_SAFE_INTEGER,
      beforeId: asked.before?.id ?? '',
      limit: asked.limit,
    });
    const alerts = rows.map((row) => alertOf(row.alert));
    const deliveries = await this.store.rows(queries.alertDeliveries, {
      tenant,
      alerts: alerts.map((alert) => alert.id),
    });
    return alerts.map((alert) => ({
      alert,
      deliveries: deliveries
        .filter((delivery) => delivery.alert === alert.id)
        .map(({ channel, state, reason, attempts, lastAt, detail, incident }) => ({
          channel,
          state,
          reason: reason === '' ? null : reason,
          attempts,
          lastAt: epochMs(lastAt),
          detail,
          incident: incident === '' ? null : incidentId(incident),
        })),
    }));
  }

  async alert(tenant: TenantId, id: AlertId): Promise<Alert | null> {
    // No alert has an empty id; moves without an alert do.
    const [row] = id === '' ? [] : await this.store.rows(queries.alertById, { tenant, id });
    return row ? alertOf(row.alert) : null;
  }

  async stages(tenant: TenantId): Promise<readonly StageCount[]> {
    const counted = await this.store.rows(queries.stageCounts, { tenant });
    return stages.map((stage) => ({ stage, customers: counted.find((row) => row.stage === stage)?.customers ?? 0 }));
  }

  async overview(tenant: TenantId, asOf: EpochMs): Promise<Overview> {
    const [[base], flags, deliveries, perDay, latest, refused] = await Promise.all([
      this.store.rows(queries.baseCounts, { tenant }),
      this.store.rows(queries.flagCounts, { tenant }),
      this.store.rows(queries.deliveryCounts, { tenant }),
      this.store.rows(queries.eventsPerDay, { tenant, since: plus(asOf, -overviewDays * DAY), until: asOf }),
      this.store.rows(queries.latestTransitions, { tenant, limit: 50 }),
      this.deadLetterCounts(),
    ]);
    return {
      asOf,
      customers: base?.customers ?? 0,
      events: base?.events ?? 0,
      deadLetters: refused.reduce((total, each) => total + each.count, 0),
      rules: this.evaluator.pack.rules.map(
        (rule) =>
          withRule(flags.find((row) => row.rule === rule.id)) ?? {
            rule: rule.id,
            pending: 0,
            raised: 0,
            firedTotal: 0,
            clearedTotal: 0,
          },
      ),
      deliveries,
      eventsPerDay: perDay,
      latestTransitions: latest.map((row) => decisionOf(row).transition),
    };
  }

  async deadLetterCounts(): Promise<readonly { readonly reason: string; readonly count: number }[]> {
    return this.store.rows(queries.deadLetterCounts, {});
  }
}

const withRule = <T extends { readonly rule: string }>(row: T | undefined) =>
  row ? { ...row, rule: ruleId(row.rule) } : undefined;
