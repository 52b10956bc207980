import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DeliveryState, FailureReason, FlagState } from '#domain';
import { eventFamilies, incidentKinds, failureReasons, impossible, rejectReasons, stages } from '#domain';
import type { CircuitState, Observation, Observer } from '#pipeline';
import { circuitStates, incidentChanges } from '#pipeline';

/** Label values that depend on the configuration; all others are closed lists of the domain. */
export interface MetricLabels {
  readonly rules: readonly string[];
  readonly channels: readonly string[];
  readonly topics: readonly string[];
}

export interface Metrics {
  readonly observer: Observer;
  readonly registry: Registry;
}

/** The moves a flag can make; any other pair would only be noise at zero. */
export const possibleMoves: readonly (readonly [from: FlagState, to: FlagState])[] = [
  ['clear', 'pending'],
  ['clear', 'firing'],
  ['pending', 'clear'],
  ['pending', 'firing'],
  ['firing', 'recovering'],
  ['firing', 'clear'],
  ['recovering', 'firing'],
  ['recovering', 'clear'],
];

interface AttemptLabels {
  readonly state: DeliveryState;
  readonly reason: FailureReason | 'none';
}
/** Reasons that leave nothing to try again. */
const endings: ReadonlySet<FailureReason> = new Set(['gone', 'exhausted', 'expired', 'resolved', 'retracted']);
/** How a try can end: delivered, or short of that for one of the reasons. */
export const possibleAttempts: readonly AttemptLabels[] = [
  { state: 'delivered', reason: 'none' },
  ...failureReasons.map((reason) => ({ state: 'given-up' as const, reason })),
  ...failureReasons.filter((reason) => !endings.has(reason)).map((reason) => ({ state: 'retrying' as const, reason })),
];

const rejecters = ['gateway', 'tracker'] as const;
const quickSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const delaySeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

/** Declares every metric there is, each at zero for every label value it can take, so that `rate()` sees the first event. */
export function createMetrics(labels: MetricLabels, registry: Registry = new Registry()): Metrics {
  const registers = [registry];
  const admitted = new Counter({
    name: 'churnwatch_events_admitted_total',
    help: 'Events taken in, durable before the sender was told.',
    labelNames: ['family'],
    registers,
  });
  const rejected = new Counter({
    name: 'churnwatch_events_rejected_total',
    help: 'Events refused: by the gateway with an answer to the sender, by the tracker into the dead letters.',
    labelNames: ['reason', 'by'],
    registers,
  });
  const foldSeconds = new Histogram({
    name: 'churnwatch_fold_seconds',
    help: 'Time from a batch in hand to its rows in the store.',
    labelNames: ['topic'],
    buckets: quickSeconds,
    registers,
  });
  const folded = new Counter({
    name: 'churnwatch_folded_events_total',
    help: 'Events counted into windows.',
    labelNames: ['topic'],
    registers,
  });
  const duplicates = new Counter({
    name: 'churnwatch_duplicates_total',
    help: 'Events left out because their producer had sent them before.',
    labelNames: ['topic'],
    registers,
  });
  const duplicateLookups = new Counter({
    name: 'churnwatch_duplicate_lookups_total',
    help: 'Events about which the store was asked whether they had been counted before: the filter in memory did not rule it out.',
    labelNames: ['topic'],
    registers,
  });
  const lag = new Gauge({
    name: 'churnwatch_consumer_lag_records',
    help: 'Records written to a partition and not yet handled by its owner.',
    labelNames: ['topic', 'partition'],
    registers,
  });
  const stopped = new Gauge({
    name: 'churnwatch_partition_stopped',
    help: '1 while a partition stands still since too much of it would be dead-lettered.',
    labelNames: ['topic', 'partition'],
    registers,
  });
  const evaluatedCustomers = new Histogram({
    name: 'churnwatch_evaluation_customers',
    help: 'Customers per evaluation query.',
    buckets: [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000],
    registers,
  });
  const evaluationSeconds = new Histogram({
    name: 'churnwatch_evaluation_seconds',
    help: 'Time of one evaluation query.',
    buckets: quickSeconds,
    registers,
  });
  const scheduled = new Gauge({
    name: 'churnwatch_scheduled_customers',
    help: 'Customers whose verdict may change at a known later instant although no event arrives.',
    registers,
  });
  const historyOf = new Gauge({
    name: 'churnwatch_history_customers',
    help: 'Customers whose history is coming in: they are looked at once it has.',
    registers,
  });
  const heldBack = new Gauge({
    name: 'churnwatch_absence_held_back_seconds',
    help: 'How far absence deadlines are held back because events of that time have not been read yet.',
    registers,
  });
  const feedSilent = new Gauge({
    name: 'churnwatch_feed_silent_seconds',
    help: 'How long a feed that vouches for its customers has been notably silent, absence being held back; 0 while it is as usual.',
    labelNames: ['source'],
    registers,
  });
  const incidentsOpen = new Gauge({
    name: 'churnwatch_incidents_open',
    help: 'Incidents that are open, by what customers fail at.',
    labelNames: ['kind'],
    registers,
  });
  const incidentChanged = new Counter({
    name: 'churnwatch_incidents_total',
    help: 'Incidents opened, updated (other or many more customers) and closed.',
    labelNames: ['kind', 'change'],
    registers,
  });
  const moves = new Counter({
    name: 'churnwatch_flag_moves_total',
    help: 'Moves of flags.',
    labelNames: ['rule', 'from', 'to'],
    registers,
  });
  const stageMoves = new Counter({
    name: 'churnwatch_stage_moves_total',
    help: 'Customers who came to be in a lifecycle stage.',
    labelNames: ['to'],
    registers,
  });
  const valueSeconds = new Histogram({
    name: 'churnwatch_value_seconds',
    help: 'Time to work out the value of the whole base, once a day.',
    labelNames: ['outcome'],
    buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const detectionDelay = new Histogram({
    name: 'churnwatch_detection_delay_seconds',
    help: 'From the instant a flag had to move to the decision, by the pipeline clock.',
    labelNames: ['rule'],
    buckets: delaySeconds,
    registers,
  });
  const attempts = new Counter({
    name: 'churnwatch_delivery_attempts_total',
    help: 'Tries to deliver an alert. The reason is "none" when it was delivered.',
    labelNames: ['channel', 'state', 'reason'],
    registers,
  });
  const deliverySeconds = new Histogram({
    name: 'churnwatch_delivery_seconds',
    help: 'Time of one try.',
    labelNames: ['channel'],
    buckets: quickSeconds,
    registers,
  });

  const repeats = new Counter({
    name: 'churnwatch_delivery_repeats_total',
    help: 'Tries of an alert that the far side may have had before, under the same id.',
    labelNames: ['channel'],
    registers,
  });
  const circuit = new Gauge({
    name: 'churnwatch_delivery_circuit',
    help: '1 for the state a channel is in: closed sends, open rests after failures, half-open probes, gone is off until the next start.',
    labelNames: ['channel', 'state'],
    registers,
  });
  const showCircuit = (channel: string, now: CircuitState): void => {
    for (const state of circuitStates) circuit.set({ channel, state }, state === now ? 1 : 0);
  };

  for (const family of eventFamilies) admitted.inc({ family }, 0);
  for (const reason of rejectReasons) for (const by of rejecters) rejected.inc({ reason, by }, 0);
  for (const kind of incidentKinds) {
    incidentsOpen.set({ kind }, 0);
    for (const change of incidentChanges) incidentChanged.inc({ kind, change }, 0);
  }
  for (const topic of labels.topics) {
    foldSeconds.zero({ topic });
    folded.inc({ topic }, 0);
    duplicates.inc({ topic }, 0);
    duplicateLookups.inc({ topic }, 0);
  }
  for (const rule of labels.rules) {
    for (const [from, to] of possibleMoves) moves.inc({ rule, from, to }, 0);
    detectionDelay.zero({ rule });
  }
  for (const to of stages) stageMoves.inc({ to }, 0);
  for (const outcome of ['done', 'failed']) valueSeconds.zero({ outcome });
  for (const channel of labels.channels) {
    for (const attempt of possibleAttempts) attempts.inc({ channel, ...attempt }, 0);
    deliverySeconds.zero({ channel });
    repeats.inc({ channel }, 0);
    showCircuit(channel, 'closed');
  }

  const observer = (seen: Observation): void => {
    switch (seen.kind) {
      case 'admitted':
        return admitted.inc({ family: seen.family }, seen.count);
      case 'rejected':
        return rejected.inc({ reason: seen.reason, by: seen.by }, seen.count);
      case 'folded':
        foldSeconds.observe({ topic: seen.topic }, seen.tookMs / 1_000);
        return folded.inc({ topic: seen.topic }, seen.events);
      case 'duplicates':
        duplicates.inc({ topic: seen.topic }, seen.count);
        return duplicateLookups.inc({ topic: seen.topic }, seen.asked);
      case 'lag':
        return lag.set({ topic: seen.topic, partition: seen.partition }, seen.records);
      case 'capped':
        return stopped.set({ topic: seen.topic, partition: seen.partition }, seen.isStopped ? 1 : 0);
      case 'evaluated':
        evaluatedCustomers.observe(seen.customers);
        return evaluationSeconds.observe(seen.tookMs / 1_000);
      case 'scheduled':
        scheduled.set(seen.customers);
        historyOf.set(seen.historyOf);
        return heldBack.set(seen.heldBackMs / 1_000);
      case 'feeds':
        feedSilent.reset();
        for (const [source, silentMs] of labelledFeeds(seen.silences)) feedSilent.set({ source }, silentMs / 1_000);
        return;
      case 'incidents':
        for (const kind of incidentKinds)
          incidentsOpen.set({ kind }, seen.open.filter(({ kinds }) => kinds[0] === kind).length);
        return;
      case 'incident':
        return incidentChanged.inc({ kind: seen.incident.kinds[0], change: seen.change });
      case 'feed-silent':
      case 'feed-silence-over':
      case 'incidents-looked-for':
        return;
      case 'moved':
        moves.inc({ rule: seen.rule, from: seen.from, to: seen.to });
        return detectionDelay.observe({ rule: seen.rule }, seen.delayMs / 1_000);
      case 'stage-moved':
        return stageMoves.inc({ to: seen.to }, seen.count);
      case 'valued':
        return valueSeconds.observe({ outcome: seen.failure === null ? 'done' : 'failed' }, seen.tookMs / 1_000);
      case 'attempted':
        attempts.inc({ channel: seen.channel, state: seen.state, reason: seen.reason ?? 'none' });
        return deliverySeconds.observe({ channel: seen.channel }, seen.tookMs / 1_000);
      case 'dropped':
        return attempts.inc({ channel: seen.channel, state: 'given-up', reason: seen.reason }, seen.count);
      case 'held-back':
        return attempts.inc({ channel: seen.channel, state: 'retrying', reason: 'incident' }, seen.count);
      case 'repeated':
        return repeats.inc({ channel: seen.channel });
      case 'circuit':
        return showCircuit(seen.channel, seen.state);
      default:
        return impossible(seen);
    }
  };
  return { observer, registry };
}

const mostFeedLabels = 50;

/** The longest silences by name; the others count together, so that no producer decides how many series there are. */
function labelledFeeds(silences: readonly (readonly [source: string, silentMs: number])[]) {
  const longest = silences.toSorted(([, a], [, b]) => b - a);
  const others = longest.slice(mostFeedLabels);
  return [...longest.slice(0, mostFeedLabels), ...(others[0] ? [['others', others[0][1]] as const] : [])];
}

/** Memory, CPU, event-loop delay and the like: once per process. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}
