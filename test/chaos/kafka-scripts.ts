import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from './member.js';
import { sessionMs } from './kafka-world.js';
import type { KafkaWorld } from './kafka-world.js';
import type { LinkState } from './proxy.js';
import type { Round, Script } from './round.js';
import type { StoreFault } from './store-server.js';

const worldOf = (round: Round): KafkaWorld => round.world as KafkaWorld;

const dozingPoints: Readonly<Record<string, readonly string[]>> = {
  tracker: ['plan:before', 'plan:before', 'plan:after', 'fold:after', 'append-touched:before'],
  sentinel: ['evaluate:after', 'decide:before', 'decide:after', 'append-transitions:before', 'note-decided:before'],
  courier: ['append-action:before', 'record-attempt:before'],
};

/** It falls asleep at a point, or at any moment when it does not come by; answers with where. */
async function fallAsleep(round: Round, member: Member, role: string): Promise<string> {
  const { random } = round;
  if (random.chance(0.75)) {
    member.crashAt({ point: random.pick(dozingPoints[role]!), times: random.whole(1, 2), sleeps: true });
    const giveUpAt = performance.now() + 3_000;
    while (performance.now() < giveUpAt && member.alive) {
      const point = member.sleepsAt();
      if (point !== null) return point;
      await pause(20);
    }
    member.crashAt(null);
  }
  member.signal('SIGSTOP');
  return 'at random';
}

/** A state keeper sleeps longer than its session: somebody else takes over, and then it wakes and goes on. */
export const zombies: Script = async (round) => {
  const { random } = round;
  const one = async (role: string): Promise<void> => {
    const keepers = worldOf(round).slots.filter(({ name }) => name.startsWith(role));
    while (round.goesOn) {
      const member = random.pick(keepers).member!;
      if (!(await member.started)) continue;
      const where = await fallAsleep(round, member, role);
      const healed = round.inject(`zombie ${role} ${where}`);
      await pause(sessionMs + random.between(500, 2_000));
      member.signal('SIGCONT');
      healed();
      await pause(random.between(300, 1_500));
      // Now and then it dies right after waking.
      if (random.chance(0.15)) member.signal('SIGKILL');
    }
  };
  await Promise.all([one('tracker'), one('sentinel'), one('courier')]);
};

/** Members come and go while batches are under way. */
export const rebalances: Script = async (round) => {
  const { random } = round;
  const one = async (role: 'tracker' | 'sentinel'): Promise<void> => {
    while (round.goesOn) {
      const joined = round.inject(`rebalance: a ${role} joins`);
      const slot = worldOf(round).join(role);
      await slot.member!.started;
      joined();
      await pause(random.between(200, 1_200));
      const left = round.inject(`rebalance: a ${role} leaves`);
      await slot.end('SIGTERM');
      left();
      if (random.chance(0.15)) await round.calm();
      await pause(random.between(0, 400));
    }
  };
  await Promise.all([one('tracker'), one('sentinel')]);
};

const links: readonly (readonly [LinkState, number])[] = [
  [{ kind: 'down' }, 4],
  [{ kind: 'blackhole' }, 2],
  [{ kind: 'swallow-replies' }, 2],
  [{ kind: 'delay', ms: 150 }, 2],
];

/** Mostly short, at times longer than a session. */
const outageMs = (round: Round): number => {
  const { random } = round;
  return random.chance(0.05)
    ? random.between(8_000, 20_000)
    : random.chance(0.2)
      ? random.between(2_500, 5_000)
      : random.between(1_000, 1_600);
};

export const brokerLink: Script = async (round) => {
  const { random } = round;
  const { link } = worldOf(round).stage;
  while (round.goesOn) {
    if (random.chance(0.2)) {
      const healed = round.inject('broker link reset');
      link.reset();
      healed();
    } else {
      const state = random.weighted(links);
      const healed = round.inject(`broker link ${state.kind}`);
      link.set(state);
      await pause(outageMs(round));
      link.set({ kind: 'pass' });
      healed();
    }
    if (random.chance(0.15)) await round.calm();
    await pause(random.between(150, 700));
  }
};

export const brokerRestarts: Script = async (round) => {
  const { random } = round;
  const { broker } = worldOf(round).stage;
  while (round.goesOn) {
    const isKill = random.chance(0.5);
    const healed = round.inject(isKill ? 'broker killed' : 'broker stopped');
    await (isKill ? broker.kill() : broker.stop());
    await pause(random.between(0, 1_500));
    await broker.start();
    healed();
    await pause(random.between(2_000, 4_000));
  }
};

export const storeLink: Script = async (round) => {
  const { random } = round;
  const { link } = worldOf(round).host;
  while (round.goesOn) {
    if (random.chance(0.3)) {
      const healed = round.inject('store link reset');
      link.reset();
      healed();
    } else {
      const state = random.weighted(links);
      const healed = round.inject(`store link ${state.kind}`);
      link.set(state);
      await pause(random.between(200, 1_500));
      link.set({ kind: 'pass' });
      healed();
    }
    if (random.chance(0.15)) await round.calm();
    await pause(random.between(100, 500));
  }
};

const storeTroubles: readonly (readonly [string, StoreFault])[] = [
  ['TOO_MANY_PARTS', { kind: 'refuse', code: 252, type: 'TOO_MANY_PARTS' }],
  ['MEMORY_LIMIT_EXCEEDED', { kind: 'refuse', code: 241, type: 'MEMORY_LIMIT_EXCEEDED' }],
  ['NOT_ENOUGH_SPACE', { kind: 'refuse', code: 243, type: 'NOT_ENOUGH_SPACE' }],
  ['slow', { kind: 'slow', ms: 700 }],
  ['done, reply lost', { kind: 'swallow' }],
  ['cut before', { kind: 'reset' }],
];
/** What the fault befalls: anything, any insert, or inserts into one table. */
const statements = [
  '',
  'INSERT',
  'INSERT',
  'inbox',
  'chunk_plan',
  'transition',
  'publication',
  'attempt',
  'dead_letter',
];

/** The store refuses, is slow, loses replies, and dies; each single answer counts as one fault. */
export const storeFaults: Script = async (round) => {
  const { random } = round;
  const { host } = worldOf(round);
  while (round.goesOn) {
    if (random.chance(0.12)) {
      const healed = round.inject('store killed');
      await host.down();
      await pause(random.between(0, 1_000));
      await host.up();
      healed();
    } else {
      const [name, fault] = random.pick(storeTroubles);
      const before = (await host.hits())[fault.kind] ?? 0;
      await host.plan({ fault, match: random.pick(statements), times: random.whole(1, 4) });
      await pause(random.between(200, 600));
      const hit = ((await host.hits())[fault.kind] ?? 0) - before;
      if (hit > 0) round.inject(`store: ${name}`, hit)();
    }
    if (random.chance(0.1)) await round.calm();
    await pause(random.between(0, 200));
  }
};
