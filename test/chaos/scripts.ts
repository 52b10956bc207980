import { setTimeout as pause } from 'node:timers/promises';
import { intakeTopics, topics } from '#contracts';
import { MINUTE, SECOND } from '#domain';
import type { MailManners } from '../support/mail-trap.js';
import type { Deck } from './deck.js';
import type { WebhookManners } from './receivers.js';
import type { Round, Script } from './round.js';
import type { Slot } from './world.js';

/** How long a process may take to come by the point where it shall die. */
const patienceMs = { embedded: 3_000, kafka: 8_000 };

async function diesWithin(slot: Slot, ms: number): Promise<boolean> {
  const member = slot.member!;
  return Promise.race([member.gone.then(() => true), pause(ms, false)]);
}

/** One process dies, at a named point or at any moment; the next one takes its place. */
async function killOnce(round: Round, slot: Slot, deck: Deck): Promise<void> {
  const { random } = round;
  const member = slot.member!;
  if (!(await member.started)) return;
  const { roles } = slot.settings;
  const point = random.chance(0.12) ? null : deck.deal(member.points, roles, random);
  if (point !== null && deck.isAtBoot(point)) {
    slot.crashAtBoot = { point, times: 1 };
    member.signal('SIGKILL');
    await member.gone;
    if (!(await diesWithin(slot, patienceMs[round.world.kind]))) deck.missed(roles, point);
    return;
  }
  if (point !== null) {
    member.crashAt({ point, times: random.whole(1, 3) });
    if (await diesWithin(slot, patienceMs[round.world.kind])) return;
    deck.missed(roles, point);
    member.crashAt(null);
  }
  member.signal('SIGKILL');
  await member.gone;
}

export const kills =
  (deck: Deck): Script =>
  async (round) => {
    const { random, world } = round;
    // Nothing enters while the gateway is away: it dies now and then only.
    const weights = world.slots
      .filter(({ settings }) => deck.hasAnyFor(settings.roles))
      .map((slot) => [slot, slot.name === 'gateway' ? 0.4 : 1] as const);
    const busy = new Set<Slot>();
    let calm: Promise<void> | null = null;
    const killer = async (): Promise<void> => {
      while (round.goesOn) {
        const free = weights.filter(([slot]) => !busy.has(slot));
        if (free.length === 0) {
          await pause(100);
          continue;
        }
        const slot = random.weighted(free);
        busy.add(slot);
        await killOnce(round, slot, deck);
        busy.delete(slot);
        // Without traffic in between, one death is like the other.
        if (!random.chance(0.15)) await round.traffic(random.whole(1, 4));
        if (random.chance(0.1)) calm ??= round.calm().finally(() => (calm = null));
        // Then everybody rests, or nobody would ever be seen to recover.
        await calm;
      }
    };
    await Promise.all(world.slots.length > 2 ? [killer(), killer(), killer()] : [killer()]);
  };

const mailFaults: readonly MailManners[] = [
  'greylist',
  'no-such-user',
  'refuse-data',
  'full',
  'drop-after-data',
  'mute-after-data',
];
const hookFaults: readonly WebhookManners[] = ['broken', 'busy', 'moved', 'hang', 'cut', 'trickle'];

/** Receivers that fail in every way they can, one after the other, while processes die under them now and then. */
export const receivers: Script = async (round) => {
  const { random, receivers } = round;
  while (round.goesOn) {
    const mail = random.pick(mailFaults);
    const hook = random.pick(hookFaults);
    const healed = [round.inject(`mail ${mail}`), round.inject(`webhook ${hook}`)];
    receivers.setMail(mail);
    receivers.setHook(hook);
    await pause(random.between(300, 900));
    receivers.setMail('accept');
    receivers.setHook('accept');
    for (const tell of healed) tell();
    if (random.chance(0.15)) await round.calm();
    await pause(random.between(100, 400));
    if (random.chance(0.1)) random.pick(round.world.slots).member!.signal('SIGKILL');
  }
};

/** Nothing happens: what is left must be right all the same. */
export const peace: Script = async (round) => {
  while (round.goesOn) await pause(100);
};

/** Events come twice, late and malformed (by the round's settings); a process dies now and then. */
export const input: Script = async (round) => {
  const { random } = round;
  while (round.goesOn) {
    await round.traffic(random.whole(8, 16), 8_000);
    if (round.goesOn && random.chance(0.5)) random.pick(round.world.slots).member!.signal('SIGKILL');
  }
};

/** A process reads the clock wrongly, jumps ahead and back. */
export const clocks: Script = async (round) => {
  const { random } = round;
  while (round.goesOn) {
    const { member } = random.pick(round.world.slots);
    const ms = random.pick([-1, 1]) * random.pick([SECOND, MINUTE, 10 * MINUTE, 50 * MINUTE]);
    const healed = round.inject(`clock ${ms > 0 ? 'ahead' : 'behind'}`);
    member!.send({ kind: 'skew', ms });
    await pause(random.between(300, 1_000));
    member!.send({ kind: 'skew', ms: 0 });
    healed();
    await pause(random.between(200, 600));
  }
};

/** One topic is read behind the others: what has not been read yet is nobody's silence. */
export const lags: Script = async (round) => {
  const { random } = round;
  while (round.goesOn) {
    const topic = random.chance(0.6) ? topics.activity.name : random.pick(Object.values(intakeTopics)).name;
    const tell = (lagging: string): void => {
      for (const { member } of round.world.slots) member?.send({ kind: 'lag', topic: lagging });
    };
    const healed = round.inject(`lag of ${topic.split('.')[1]}`);
    tell(topic);
    // Longer than anybody may be silent, in their time; shorter than a consumer's session.
    await round.traffic(random.whole(12, 20), 15_000);
    tell('');
    healed();
    await round.traffic(random.whole(4, 8));
  }
};

/** Nobody can deliver anything for hours of their customers' lives, and it is nobody's silence. */
export const outages: Script = async (round) => {
  const { random } = round;
  const [slot] = round.world.slots as [Slot];
  round.timeGoesOn = true;
  while (round.goesOn) {
    await round.traffic(random.whole(5, 15));
    const healed = round.inject('outage while time goes on');
    const next = slot.held();
    slot.member!.signal('SIGKILL');
    await pause(random.between(500, 3_000));
    next();
    await slot.member!.started;
    healed();
  }
  round.timeGoesOn = false;
};

/** The disk is full for a while. */
export const diskFull: Script = async (round) => {
  const { random } = round;
  const { disk } = round.world;
  if (disk === null) return;
  while (round.goesOn) {
    await round.traffic(random.whole(3, 8));
    const healed = round.inject('disk full');
    await disk.fill();
    await pause(random.between(400, 1_500));
    await disk.free();
    healed();
    if (random.chance(0.3)) round.world.slots[0]!.member!.signal('SIGKILL');
  }
};
