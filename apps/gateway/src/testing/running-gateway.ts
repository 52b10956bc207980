import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AdmitAnswer, Problem } from '#contracts';
import type { Alert, AlertId, CustomerId, Pack } from '#domain';
import { alertId, ChurnError, customerId, epochMs, ruleId, tenantId, usualChurn, usualValue } from '#domain';
import type {
  AlertQuery,
  AlertView,
  CustomerView,
  Evaluator,
  Observation,
  Overview,
  RuleEdition,
  RuleStore,
  Views,
} from '#pipeline';
import {
  CLOCK,
  DEAD_LETTERS,
  EVALUATOR_OF,
  EVENT_LOG,
  FEED_STORE,
  INCIDENT_STORE,
  OBSERVER,
  PACK,
  RULE_STORE,
  VIEWS,
} from '#pipeline';
import { MemoryDeadLetters, MemoryFeedStore, MemoryIncidentStore, MemoryLog } from '#pipeline/testing';
import { configureGateway, gatewayAdapter } from '../configure-gateway.js';
import { gatewaySettings } from '../gateway-settings.js';
import { GatewayModule } from '../gateway.module.js';

export const now = epochMs(Date.UTC(2026, 2, 1, 12));
const tenant = tenantId('default');
export const text = { en: 'Silent regular', zh: '常客失联' };

export const anAlert = (n: number, customer = 'ada'): Alert => ({
  id: alertId(`a${n}`),
  kind: 'alert',
  retracts: null,
  tenant,
  customer: customerId(customer),
  rule: ruleId('silent'),
  ruleVersion: 'v1',
  episode: n,
  severity: 'high',
  reason: 'gone-silent',
  title: text,
  text,
  playbook: { id: 'call', title: text, action: text, owner: 'care', dueAt: epochMs(now + n) },
  evidence: { days_silent: 21, usual_gap: null },
  becameDueAt: epochMs(now - n),
  detectedAt: epochMs(now - n),
});

export const pack: Pack = {
  name: 'app',
  version: 'p1',
  title: text,
  signals: [{ name: 'days_silent', kind: 'silence', unit: 'd', description: text, events: ['app_open'] }],
  rules: [
    {
      id: ruleId('silent'),
      version: 'v1',
      title: text,
      owner: 'care',
      severity: 'high',
      reason: 'gone-silent',
      playbook: 'call',
      guard: { kind: 'always', value: true },
      enter: { kind: 'always', value: false },
      exit: { kind: 'always', value: true },
      policy: { pendingMs: 0, recoverMs: 0, cooldownMs: 86_400_000 },
      evidence: ['days_silent'],
      text,
      muted: null,
    },
  ],
  churn: usualChurn,
  value: usualValue,
  playbooks: [{ id: 'call', title: text, action: text, owner: 'care', dueWithinMs: 3_600_000 }],
  reasons: [{ code: 'gone-silent', kind: 'behaviour', title: text }],
};

/** Answers from lists, with the order and paging that the port promises. */
class ListedViews implements Views {
  alertList: AlertView[] = [];
  away = false;
  readonly known = new Map<CustomerId, CustomerView>();

  async customer(_tenant: unknown, customer: CustomerId): Promise<CustomerView | null> {
    if (this.away) throw new ChurnError('STORE_UNAVAILABLE', 'the store does not answer', { retryable: true });
    return this.known.get(customer) ?? null;
  }
  async alerts(_tenant: unknown, { customer, rule, before, limit }: AlertQuery): Promise<readonly AlertView[]> {
    return this.alertList
      .filter(({ alert }) => customer === undefined || alert.customer === customer)
      .filter(({ alert }) => rule === undefined || alert.rule === rule)
      .filter(({ alert }) => before === undefined || alert.detectedAt < before.detectedAt)
      .slice(0, limit);
  }
  async alert(_tenant: unknown, id: AlertId): Promise<Alert | null> {
    return this.alertList.find(({ alert }) => alert.id === id)?.alert ?? null;
  }
  async stages() {
    return [{ stage: 'dormant' as const, customers: 3 }];
  }
  async overview(): Promise<Overview> {
    return {
      asOf: now,
      customers: 1,
      events: 2,
      deadLetters: 1,
      rules: [{ rule: ruleId('silent'), pending: 0, raised: 1, firedTotal: 1, clearedTotal: 0 }],
      deliveries: [{ channel: 'email', state: 'delivered', count: 1 }],
      eventsPerDay: [{ day: '2026-03-01', count: 2, customers: 1 }],
      latestTransitions: [],
    };
  }
  async deadLetterCounts() {
    return [{ reason: 'malformed', count: 1 }];
  }
}

/** Knows the pack's rules once they were kept. */
class ListedRules implements RuleStore {
  readonly #editions = new Map<string, RuleEdition>();

  async keep({ rules, signals }: Pack, keptAt: RuleEdition['keptAt']): Promise<void> {
    for (const rule of rules) this.#editions.set(rule.version, { rule, signals, keptAt });
  }
  async edition(version: string): Promise<RuleEdition | null> {
    return this.#editions.get(version) ?? null;
  }
}

/** Finds every customer 21 days silent, and nothing broken. */
const quietEvaluator = (of: Pack): Evaluator => ({
  pack: of,
  evaluate: async (requests) =>
    requests.map((request) => ({
      ...request,
      verdicts: new Map(of.rules.map(({ id }) => [id, 'ok' as const])),
      signals: { days_silent: 21 },
      nextChangeAt: null,
      nextBreachAt: null,
      stage: null,
      nextStageAt: null,
      usualGapDays: null,
    })),
});

/** Short, so that a test can see it end. */
const requestTimeoutMs = 500;

/** The whole gateway behind a real server, on ports in memory that a test can look into. */
export class RunningGateway {
  readonly log = new MemoryLog();
  readonly feeds = new MemoryFeedStore();
  readonly incidents = new MemoryIncidentStore();
  readonly views = new ListedViews();
  readonly rules = new ListedRules();
  readonly deadLetters = new MemoryDeadLetters();
  readonly seen: Observation[] = [];
  /** Every route of our controllers, as Fastify came to know of it. */
  readonly routes: string[] = [];
  base = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  #app: NestFastifyApplication | null = null;

  async start(): Promise<void> {
    writeFileSync(join(this.#folder, 'index.html'), '<title>Console</title>');
    writeFileSync(join(this.#folder, 'LOG_UNAVAILABLE.md'), '# LOG_UNAVAILABLE\n');
    const places = { consoleDir: this.#folder, errorPagesDir: this.#folder };
    const settings = gatewaySettings({
      maxBodyBytes: 20_000,
      maxInFlightBytes: 30_000,
      maxItems: 100,
      feedLimits: { vouchesFromPerHour: 20, settleMs: 0 },
      ...places,
    });
    // The service's own report of faults is not what is tested here.
    Logger.overrideLogger(false);
    const root = GatewayModule.with(settings, [this.#ports()]);
    const app = await NestFactory.create<NestFastifyApplication>(root, gatewayAdapter(requestTimeoutMs));
    this.#app = app;
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ method, url }) => {
      const ours = /^\/(v1\/|version|asyncapi|errors)/.test(url);
      if (ours && method !== 'HEAD') this.routes.push(`${String(method).toLowerCase()} ${url}`);
    });
    configureGateway(app);
    await app.listen(0, '127.0.0.1');
    this.base = await app.getUrl();
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    rmSync(this.#folder, { recursive: true });
  }

  async post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
    const response = await fetch(this.base + path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    return { response, status: response.status, body: (await response.json()) as AdmitAnswer & Problem };
  }

  async get<T>(path: string) {
    const response = await fetch(this.base + path);
    return { response, status: response.status, body: (await response.json()) as T };
  }

  written(topic: { readonly name: string }): readonly Record<string, unknown>[] {
    return this.log
      .written(topic.name)
      .map(({ value }) => JSON.parse(Buffer.from(value!).toString()) as Record<string, unknown>);
  }

  lastWritten(topic: { readonly name: string }): Record<string, unknown> {
    return this.written(topic).at(-1)!;
  }

  #ports() {
    const providers = [
      { provide: EVENT_LOG, useValue: this.log },
      { provide: VIEWS, useValue: this.views },
      { provide: RULE_STORE, useValue: this.rules },
      { provide: EVALUATOR_OF, useValue: quietEvaluator },
      { provide: DEAD_LETTERS, useValue: this.deadLetters },
      { provide: FEED_STORE, useValue: this.feeds },
      { provide: INCIDENT_STORE, useValue: this.incidents },
      { provide: CLOCK, useValue: { now: () => now } },
      { provide: OBSERVER, useValue: (observation: Observation) => this.seen.push(observation) },
      { provide: PACK, useValue: pack },
    ];
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class Ports {}
    return Ports;
  }
}
