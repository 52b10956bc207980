import { ClickHouseDeadLetters, ClickHouseFlagStore, ClickHouseJournal, Store } from '#clickhouse';
import { topics } from '#contracts';
import type { Clock } from '#domain';
import { InProcessLog, KafkaEventLog } from '#kafka';
import type { LogMessage } from '#pipeline';
import { Courier } from '#pipeline';
import { DeliveryLane } from '../../libs/pipeline/src/courier/delivery-lane.js';
import { Gate } from '../../libs/pipeline/src/sentinel/gate.js';
import { wrap } from './crash-points.js';

interface Switch {
  /** The invariants whose violations must show when this protection is off. */
  readonly guards: readonly string[];
  readonly about: string;
  /** Where it shows, and by which deaths. */
  readonly plan: string;
  readonly points?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  install?(clock: Clock): boolean;
  afterStart?(store: Store): Promise<void>;
}

/** Protections of the product that can be taken out, each to prove that its loss is noticed. */
export const switches: Readonly<Record<string, Switch>> = {
  'journal-off': {
    guards: ['I1'],
    plan: 'embedded kills',
    about: 'what is acknowledged is only in memory',
    install: () => wrap(ClickHouseJournal, 'append', async () => {}),
  },
  'token-off': {
    guards: ['I2'],
    plan: 'embedded kills',
    points: ['fold:after', 'append-touched:before'],
    about: 'inserts carry no token: a repeated chunk is counted again',
    install: () =>
      wrap(Store, 'insert', (original, self, [table, columns, rows, _token, ...rest]) =>
        original.apply(self, [table, columns, rows, undefined, ...rest]),
      ),
  },
  'window-0': {
    guards: ['I2'],
    plan: 'embedded kills',
    points: ['fold:after', 'append-touched:before'],
    about: 'tables forget insert tokens at once',
    afterStart: async (store) => {
      const tables = ['event_v1', 'activity_hour_v1', 'activity_day_v1'];
      for (const table of tables)
        await store.command(`ALTER TABLE $db.${table} MODIFY SETTING non_replicated_deduplication_window = 0`);
    },
  },
  'duplicates-off': {
    guards: ['I2'],
    plan: 'embedded input',
    about: 'a producer’s repeats are events like any other',
    env: { DUPLICATES_WINDOW_HOURS: '0' },
  },
  'fence-off': {
    guards: ['I2', 'I6'],
    plan: 'kafka zombies',
    about: 'whoever lost a partition may still write',
    install: () =>
      wrap(Store, 'insert', (original, self, args) => {
        const [table, columns, rows, ...rest] = args as [string, readonly string[], readonly unknown[][], ...unknown[]];
        const place = columns.indexOf('fence');
        if (place === -1) return original.apply(self, args);
        const bare = rows.map((row) => row.toSpliced(place, 1, ''));
        return original.apply(self, [table, columns, bare, ...rest]);
      }),
  },
  'gate-off': {
    // What is not raised for it may still be pending: a move that never was.
    guards: ['I5', 'I6'],
    plan: 'embedded lags',
    env: { FEED_VOUCHES_FROM_PER_HOUR: '0' },
    about: 'silence is believed up to now, whatever has been read',
    install: (clock) => {
      Object.defineProperty(Gate.prototype, 'openUpTo', { get: () => clock.now() });
      return true;
    },
  },
  'replay-off': {
    guards: ['I3'],
    plan: 'embedded kills',
    points: ['decide:after', 'append-transitions:before', 'append-transitions:after'],
    about: 'what was decided but not told before a crash is never told',
    install: () =>
      wrap(ClickHouseFlagStore, 'unpublished', async () => []) && wrap(Courier, 'sweep', async () => undefined),
  },
  'ids-off': {
    guards: ['I4'],
    plan: 'embedded peace',
    about: 'a re-sent alert gets another id',
    install: () =>
      wrap(DeliveryLane, 'take', (original, self, [open, ...rest]) => {
        const { alert, ...about } = open as { readonly alert: { readonly id: string } };
        const id = `${alert.id.slice(0, 24)}${Math.random().toString(16).slice(2, 10).padEnd(8, '0')}`;
        return original.apply(self, [{ ...about, alert: { ...alert, id } }, ...rest]);
      }),
  },
  'order-off': {
    guards: ['I6'],
    plan: 'embedded peace',
    about: 'moves are told in any order',
    install: () => {
      const shuffle = (original: (...args: unknown[]) => unknown, self: unknown, args: unknown[]): unknown => {
        const [topic, messages] = args as [string, readonly LogMessage[]];
        if (topic !== topics.riskTransitions.name) return original.apply(self, args);
        setTimeout(() => void original.apply(self, [topic, messages.toReversed()]), Math.random() * 1_500);
        return Promise.resolve();
      };
      return [InProcessLog, KafkaEventLog].every((log) => wrap(log, 'append', shuffle));
    },
  },
  'letters-off': {
    guards: ['I7'],
    plan: 'embedded peace',
    about: 'a malformed record stops its partition',
    install: () =>
      wrap(ClickHouseDeadLetters, 'bury', async () => {
        throw new Error('nowhere to bury');
      }),
  },
};

export function installSwitches(names: readonly string[], clock: Clock): void {
  for (const name of names) {
    if (switches[name]?.install?.(clock) === false) throw new Error(`nothing in this build to switch ${name}`);
  }
}

export async function afterStart(names: readonly string[], store: Store): Promise<void> {
  for (const name of names) await switches[name]?.afterStart?.(store);
}
