import { intakeTopics, topics } from '#contracts';
import type { ActivityEvent, EpochMs, Pack, StageMove, TenantId } from '#domain';
import { customerKey, epochMs, MINUTE, plus } from '#domain';
import type { Decision, Evaluator, FlagStore, RecordBatch, StageStore } from '#pipeline';
import { Sentinel } from '#pipeline';
import { HandTurnedTime, MemoryLog } from '#pipeline/testing';
import { standingMoves } from '../../libs/pipeline/src/sentinel/amend.js';
import { standingStages } from '../../libs/pipeline/src/sentinel/stage-book.js';
import { encodeTouched } from '../../libs/pipeline/src/tracker/touched.js';
import { stageChanges } from './oracle-stages.js';
import { expectedMoves } from './oracle.js';

/** An event and what happens around its arrival. */
export interface Arrival {
  readonly event: ActivityEvent;
  readonly at: EpochMs;
  /** Stored now, but the sentinel hears of it together with the arrival after. */
  readonly isHeldBack: boolean;
  /** Before it: the process dies, or the store fails, or it does its work and its answer is lost. */
  readonly mishap: 'none' | 'restart' | 'down' | 'mute';
}

/** Where events and decisions are kept. */
export interface Keeping {
  readonly flags: FlagStore;
  readonly stages: StageStore;
  readonly evaluator: Evaluator;
  fold(events: readonly ActivityEvent[]): Promise<void>;
  /** Everything decided. */
  decisions(): Promise<readonly Decision[]>;
  stageMoves(): Promise<readonly StageMove[]>;
  /** The next time decisions are stored, this goes wrong. */
  breakNext?(how: 'down' | 'mute'): void;
}

const sources = Object.values(intakeTopics).map((topic) => topic.name);

/** Has a sentinel, and those that follow it, live through the arrivals, and then on to `endAt`. */
export async function liveThrough(
  arrivals: readonly Arrival[],
  endAt: EpochMs,
  keeping: Keeping,
  latenessMs: number,
): Promise<MemoryLog> {
  const log = new MemoryLog();
  const time = new HandTurnedTime(arrivals[0]?.at ?? endAt);
  const clock = { now: () => now };
  let now: EpochMs = epochMs(time.now() - 1);
  let owner = new AbortController();
  const aSentinel = (): Sentinel =>
    new Sentinel({
      inForce: () => keeping.evaluator,
      flags: keeping.flags,
      stages: keeping.stages,
      log,
      assignment: { assigned: () => [0] },
      clock,
      observer: () => {},
      slackMs: 0,
      noteEveryMs: MINUTE,
      latenessMs,
      historySettleMs: 0,
      partitionOf: () => 0,
    });
  let sentinel = aSentinel();
  const hear = async (events: readonly ActivityEvent[], upTo: EpochMs): Promise<void> => {
    const own = new Map<string, [TenantId, ActivityEvent['customer'], EpochMs[]]>();
    for (const { tenant, customer, occurredAt } of events) {
      const entry = own.get(customerKey(tenant, customer)) ?? [tenant, customer, []];
      entry[2].push(occurredAt);
      own.set(customerKey(tenant, customer), entry);
    }
    const customers = [...own.values()].map(
      ([tenant, customer, at]) => [tenant, customer, at.toSorted((a, b) => a - b)] as const,
    );
    const value = encodeTouched({ customers, progress: sources.map((source) => [source, 0, upTo]) });
    const batch: RecordBatch = {
      topic: topics.touched.name,
      partition: 0,
      records: [{ offset: 0, key: null, value, headers: {}, timestamp: upTo }],
      endOffset: 1,
      signal: owner.signal,
      heartbeat: async () => {},
    };
    // The log brings a batch again until it is done.
    for (let times = 0; ; times++) {
      try {
        await sentinel.touched(batch);
        return;
      } catch (error) {
        if (times > 3) throw error;
      }
    }
  };
  await hear([], now);
  let held: ActivityEvent[] = [];
  for (const { event, at, isHeldBack, mishap } of arrivals) {
    now = at;
    if (mishap === 'restart') {
      owner.abort();
      owner = new AbortController();
      sentinel = aSentinel();
    } else if (mishap !== 'none') keeping.breakNext?.(mishap);
    // Time passes before it comes, and what falls due meanwhile is decided without it.
    if (held.length === 0) await hear([], plus(at, -2));
    await keeping.fold([event]);
    held.push(event);
    if (isHeldBack) continue;
    await hear(held, plus(at, -1));
    held = [];
  }
  now = plus(endAt, 1);
  await hear(held, endAt);
  return log;
}

/** How one flag ended, and which of its alerts stand: a retracted flag is clear, and a clear one is told by `clearedAt`. */
export interface Ending {
  readonly moves: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
  readonly told: readonly string[];
  readonly stages: readonly string[];
}

const at = (instant: number | null): string => (instant === null ? 'never' : new Date(instant).toISOString());

/** What the events come to when they are read in order. */
export function endingInOrder(events: readonly ActivityEvent[], pack: Pack, tenant: TenantId, endAt: EpochMs): Ending {
  const moves: string[] = [];
  const told: string[] = [];
  const flags: Record<string, string> = {};
  const clearedAt = new Map<string, EpochMs>();
  for (const move of expectedMoves(events, pack, tenant, endAt)) {
    const key = `${move.customer} ${move.rule}`;
    moves.push(`${key} ${move.to} ${at(move.becameDueAt)}`);
    if (move.to === 'firing' && move.from !== 'recovering') told.push(`${key} ${at(move.becameDueAt)}`);
    if (move.to === 'clear' && move.from !== 'pending') clearedAt.set(key, move.becameDueAt);
    const cleared = at(clearedAt.get(key) ?? null);
    flags[key] =
      move.to === 'clear'
        ? `clear, cleared ${cleared}`
        : `${move.to} since ${at(move.becameDueAt)}, cleared ${cleared}`;
  }
  const customers = new Set(events.map(({ customer }) => customer));
  const stages = [...customers].flatMap((customer) =>
    stageChanges(
      events.filter((event) => event.customer === customer),
      pack.churn,
      endAt,
    ).map((change) => `${customer} ${change.to} ${at(change.at)}`),
  );
  return { moves: moves.sort(), flags, told: told.sort(), stages: stages.sort() };
}

/** What was decided, told and not taken back. */
export async function endingOf(keeping: Keeping): Promise<Ending> {
  const stored = await keeping.decisions();
  const retracted = new Set(stored.flatMap(({ alert }) => (alert?.retracts ? [alert.retracts] : [])));
  const moves: string[] = [];
  const told: string[] = [];
  for (const [key, own] of byFlag(stored)) {
    own.forEach(({ transition }, index) => {
      if (transition.sequence !== index + 1) throw new Error(`${key}: ${transition.sequence} follows ${index}`);
    });
    const alerts = own.flatMap(({ alert }) => (alert?.kind === 'alert' ? [alert] : []));
    if (new Set(alerts.map(({ id }) => id)).size < alerts.length) throw new Error(`${key} was told twice`);
    const standing = standingMoves(own);
    moves.push(...standing.map((move) => `${key} ${move.to} ${at(move.becameDueAt)}`));
    for (const alert of alerts.filter(({ id }) => !retracted.has(id))) {
      const raise = standing.findLast(
        (move) => move.to === 'firing' && move.from !== 'recovering' && move.episode === alert.episode,
      );
      told.push(
        raise ? `${key} ${at(raise.becameDueAt)}` : `${key} episode ${alert.episode} stands and is not retracted`,
      );
    }
  }
  const flags: Record<string, string> = {};
  for (const { customer, rule, flag } of await keeping.flags.load({ partitions: [0], count: 1 })) {
    const isDown = flag.state === 'clear' || flag.state === 'retracted';
    const cleared = at(flag.clearedAt);
    const text = isDown ? `clear, cleared ${cleared}` : `${flag.state} since ${at(flag.since)}, cleared ${cleared}`;
    flags[`${customer} ${rule}`] = text;
  }
  return { moves: moves.sort(), flags, told: told.sort(), stages: await stagesOf(keeping) };
}

async function stagesOf(keeping: Keeping): Promise<readonly string[]> {
  const own = new Map<string, StageMove[]>();
  for (const move of await keeping.stageMoves()) own.set(move.customer, [...(own.get(move.customer) ?? []), move]);
  const stages: string[] = [];
  for (const [customer, moves] of own) {
    for (const [index, { sequence, from }] of moves.entries()) {
      if (sequence !== index + 1) throw new Error(`${customer}: stage ${sequence} follows ${index}`);
      if (from !== (moves[index - 1]?.to ?? null)) throw new Error(`${customer}: stage ${sequence} leaves ${from}`);
    }
    stages.push(...standingStages(moves).map((move) => `${customer} ${move.to} ${at(move.becameDueAt)}`));
  }
  return stages.sort();
}

export function byFlag(stored: readonly Decision[]): Map<string, Decision[]> {
  const own = new Map<string, Decision[]>();
  for (const decision of stored) {
    const key = `${decision.transition.customer} ${decision.transition.rule}`;
    own.set(key, [...(own.get(key) ?? []), decision]);
  }
  for (const list of own.values()) list.sort((a, b) => a.transition.sequence - b.transition.sequence);
  return own;
}

/** Flags that never moved, and those that are back where they began, need not be there. */
export const withoutNeverRaised = ({ flags, ...rest }: Ending): Ending => ({
  ...rest,
  flags: Object.fromEntries(Object.entries(flags).filter(([, text]) => text !== 'clear, cleared never')),
});
