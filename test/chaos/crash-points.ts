import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { EachBatchPayload } from 'kafkajs';
import {
  ClickHouseDeadLetters,
  ClickHouseDeliveryLog,
  ClickHouseEvaluator,
  ClickHouseFlagStore,
  ClickHouseJournal,
  ClickHouseWindowStore,
} from '#clickhouse';
import { topics } from '#contracts';
import { InProcessLog, KafkaEventLog } from '#kafka';
import type { Chunk } from '#pipeline';
import type { CrashPlan } from './messages.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Method | undefined>;
interface Class {
  readonly name: string;
  readonly prototype: object;
}

/** Puts `around` in the place of a method; tells whether there is such a method. */
export function wrap(
  { prototype }: Class,
  method: string,
  around: (original: Method, self: unknown, args: unknown[]) => unknown,
): boolean {
  const methods = prototype as Methods;
  const original = methods[method];
  if (typeof original !== 'function') return false;
  methods[method] = function (this: unknown, ...args: unknown[]) {
    return around(original, this, args);
  };
  return true;
}

const topicNames = new Map<string, string>([
  [topics.activity.name, 'intake'],
  [topics.transaction.name, 'intake'],
  [topics.feedback.name, 'intake'],
  [topics.touched.name, 'touched'],
  [topics.riskTransitions.name, 'transitions'],
  [topics.riskCurrent.name, 'current'],
  [topics.action.name, 'action'],
  [topics.deadLetter.name, 'dead-letter'],
]);

/** What is durable changes at these; a process can die before and after each, and while it is being done. */
const steps: readonly { readonly of: Class; readonly method: string; readonly name: string }[] = [
  { of: ClickHouseJournal, method: 'append', name: 'journal' },
  { of: ClickHouseWindowStore, method: 'takeOver', name: 'take-over' },
  { of: ClickHouseWindowStore, method: 'lastPlan', name: 'last-plan' },
  { of: ClickHouseWindowStore, method: 'plan', name: 'plan' },
  { of: ClickHouseWindowStore, method: 'fold', name: 'fold' },
  { of: ClickHouseDeadLetters, method: 'bury', name: 'bury' },
  { of: ClickHouseEvaluator, method: 'evaluate', name: 'evaluate' },
  { of: ClickHouseFlagStore, method: 'takeOver', name: 'take-share' },
  { of: ClickHouseFlagStore, method: 'load', name: 'load-flags' },
  { of: ClickHouseFlagStore, method: 'append', name: 'decide' },
  { of: ClickHouseFlagStore, method: 'markPublished', name: 'mark-published' },
  { of: ClickHouseFlagStore, method: 'recordDecidedUpTo', name: 'note-decided' },
  { of: ClickHouseDeliveryLog, method: 'record', name: 'record-attempt' },
];
/** These are worth dying in the middle of: one insert fills several tables. */
const inserts = new Set(['journal', 'plan', 'fold', 'decide', 'record-attempt', 'mark-published']);

/** The longest an insert may run on before a death "during" it: they take some milliseconds. */
const duringMs = 6;

export class CrashPoints {
  /** Every point this build of the product has. */
  readonly known: string[] = [];
  /** Records of this topic wait to be folded. */
  lagging = '';
  private plan: CrashPlan | null = null;
  private left = 0;
  private deathsFile = '';

  arm(plan: CrashPlan | null, deathsFile?: string): void {
    this.plan = plan;
    this.left = plan?.times ?? 0;
    if (deathsFile !== undefined) this.deathsFile = deathsFile;
  }

  /** Puts the points in. `world` decides which log and which commits there are. */
  install(world: 'embedded' | 'kafka'): void {
    for (const { of, method, name } of steps) {
      if (name === 'journal' && world === 'kafka') continue;
      const found = wrap(of, method, (original, self, args) => this.around(name, () => original.apply(self, args)));
      if (found) this.note(name, inserts.has(name));
    }
    wrap(ClickHouseWindowStore, 'fold', async (original, self, args) => {
      while ((args[0] as Chunk).topic === this.lagging) await pause(20);
      return original.apply(self, args);
    });
    const log: Class = world === 'kafka' ? KafkaEventLog : InProcessLog;
    wrap(log, 'append', (original, self, args) => {
      const name = `append-${topicNames.get(String(args[0])) ?? 'other'}`;
      return this.around(name, () => original.apply(self, args));
    });
    for (const name of new Set(topicNames.values())) this.note(`append-${name}`, false);
    if (world === 'kafka') this.installCommits();
  }

  private note(name: string, canDieDuring: boolean): void {
    this.known.push(`${name}:before`, `${name}:after`, ...(canDieDuring ? [`${name}:during`] : []));
  }

  private installCommits(): void {
    const consumers = kafkajs.Kafka as unknown as Class;
    wrap(consumers, 'consumer', (original, self, args) => {
      const consumer = original.apply(self, args) as { run: (config: Record<string, unknown>) => Promise<void> };
      const run = consumer.run.bind(consumer);
      consumer.run = (config) => {
        const take = config['eachBatch'] as (payload: EachBatchPayload) => Promise<void>;
        const eachBatch = (payload: EachBatchPayload): Promise<void> => {
          const commit = payload.commitOffsetsIfNecessary.bind(payload);
          return take({
            ...payload,
            commitOffsetsIfNecessary: (offsets) =>
              this.around('commit', () => commit(offsets as never)) as Promise<void>,
          });
        };
        return run({ ...config, eachBatch });
      };
      return consumer;
    });
    this.note('commit', false);
  }

  private around(name: string, work: () => unknown): unknown {
    this.pass(`${name}:before`);
    if (this.isAt(`${name}:during`)) {
      setTimeout(() => this.die(`${name}:during`), Math.random() * duringMs);
      return work();
    }
    const result = work();
    if (!(result instanceof Promise)) return result;
    return result.then((value: unknown) => {
      this.pass(`${name}:after`);
      return value;
    });
  }

  private pass(point: string): void {
    if (this.isAt(point)) this.die(point);
  }

  private isAt(point: string): boolean {
    if (this.plan?.point !== point) return false;
    this.left -= 1;
    return this.left <= 0;
  }

  private die(point: string): void {
    const file = openSync(this.deathsFile, 'a');
    writeSync(file, `${point}\n`);
    closeSync(file);
    const sleeps = this.plan?.sleeps === true;
    this.plan = null;
    process.kill(process.pid, sleeps ? 'SIGSTOP' : 'SIGKILL');
  }
}
