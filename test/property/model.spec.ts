import fc from 'fast-check';
import { DAY, HOUR } from '#domain';
import type { EpochMs } from '#domain';
import { silenceMs } from '../../libs/pipeline/src/testing/silence-evaluator.js';
import type { Moment, Weakness } from './pipeline-model.js';
import { PipelineModel, steps } from './pipeline-model.js';
import '../support/seed.js';

/** Nothing is predicted on the way: what must hold is recomputed from the events at the end. */
type Command = fc.AsyncCommand<object, PipelineModel>;
const command = (text: string, run: (model: PipelineModel) => Promise<unknown> | void): Command => ({
  check: () => true,
  run: async (_, model) => void (await run(model)),
  toString: () => text,
});

const moment = fc
  .tuple(fc.constantFrom('before', 'after'), fc.constantFrom(...steps))
  .map(([when, step]) => `${when} ${step}` as Moment);
const who = fc.constantFrom('owner', 'owner', 'owner', 'other');
const limit = fc.integer({ min: 1, max: 7 });

const produce = fc
  .tuple(fc.constantFrom('ada', 'bea', 'cem'), fc.constantFrom(0, 0, 0, HOUR, 3 * DAY, 6 * DAY))
  .map(([customer, late]) => command(`${customer} ${late / HOUR}h ago`, (model) => model.produce(customer, late)));
const read = fc.tuple(who, limit).map(([w, n]) => command(`${w} reads ${n}`, (model) => model.read(w, n)));
const look = fc.tuple(who, limit).map(([w, n]) => command(`${w} looks ${n}`, (model) => model.look(w, n)));

/** Without it hardly anything would be decided before the end. */
const goRound = command('owner reads, tells and looks', async (model) => {
  await model.read('owner', 9);
  await model.tellProgress('owner');
  await model.look('owner', 9);
});

const commands = fc.commands(
  [
    produce,
    produce,
    read,
    read,
    look,
    look,
    who.map((w) => command(`${w} tells`, (model) => model.tellProgress(w))),
    fc.constantFrom('1h', '20h', '4d', '8d').map((span) => command(span, (model) => model.time.advance(span))),
    fc.constant(goRound),
    fc.constant(goRound),
    fc.constant(goRound),
    fc.constant(command('courier', (model) => model.courierRound())),
    fc
      .constantFrom('works' as const, 'fails' as const, 'goes silent' as const)
      .map((how) => command(`channel ${how}`, (model) => void (model.channel = how))),
    moment.map((at) => command(`fail ${at}`, (model) => model.fail(at))),
    moment.map((at) => command(`sleep ${at}`, (model) => model.fallAsleep(at))),
    fc.constant(command('wake', (model) => model.wake())),
    fc.constant(command('restart', (model) => model.restart())),
    fc
      .tuple(fc.boolean(), fc.nat(9))
      .map(([heard, back]) => command(`hand over ${heard} -${back}`, (model) => model.handOver(heard, back))),
    fc.constant(command('topic made anew', (model) => model.makeAnew())),
  ],
  { maxCommands: 60, size: 'max' },
);

/** Episodes of silence, from the sorted events alone. */
function silences(events: readonly EpochMs[], now: EpochMs): { episodes: number; isSilent: boolean } {
  const sorted = events.toSorted((a, b) => a - b);
  const isSilent = now - sorted.at(-1)! >= silenceMs;
  const ended = sorted.filter((at, index) => index > 0 && at - sorted[index - 1]! > silenceMs).length;
  return { episodes: ended + Number(isSilent), isSilent };
}

async function mustHold(model: PipelineModel): Promise<void> {
  const restedAt = await model.comeToRest();
  // Every event is folded once; one that was lost with its topic may have been folded before.
  const folded = model.windows.events.map(({ id }) => Number(id)).toSorted((a, b) => a - b);
  expect(folded).toEqual([...new Set(folded)]);
  const due = model.produced.map(({ number }) => number).filter((number) => !model.perhapsLost.has(number));
  expect(folded.filter((number) => !model.perhapsLost.has(number))).toEqual(due);

  const moves = [...model.flags.decisions.values()].toSorted((a, b) => a.transition.sequence - b.transition.sequence);
  const alerts = moves.flatMap(({ alert }) => (alert === null ? [] : [alert]));
  for (const customer of ['ada', 'bea', 'cem']) {
    const own = model.produced.filter((event) => event.customer === customer && folded.includes(event.number));
    if (own.length === 0) continue;
    const expected = silences(
      own.map(({ at }) => at),
      restedAt,
    );
    const transitions = moves.map(({ transition }) => transition).filter((move) => move.customer === customer);
    const raised = new Set(transitions.filter((move) => move.to === 'firing').map((move) => move.episode));
    for (const move of transitions) if (move.to === 'retracted') raised.delete(move.episode);
    const state = transitions.at(-1)?.to ?? 'clear';
    expect({ customer, episodes: raised.size, isSilent: state === 'firing' }).toEqual({ customer, ...expected });
    // One logical alert for each episode that was ever told.
    const told = alerts.filter((alert) => alert.customer === customer && alert.kind === 'alert');
    expect(told.map(({ episode }) => episode)).toEqual([...new Set(told.map(({ episode }) => episode))]);
    for (const episode of raised) expect(told.map((alert) => alert.episode)).toContain(episode);
  }

  // Each alert went out under its one id, or is visibly given up; and nothing else went out.
  const known = new Set(alerts.map(({ id }) => id));
  expect(model.sent.filter(({ id }) => !known.has(id))).toEqual([]);
  const question = { channels: ['mail'], dueOnly: [], now: restedAt, since: -1 as EpochMs, after: null, limit: 100 };
  expect((await model.deliveries.open(question)).deliveries.map(({ alert }) => alert.id)).toEqual([]);
  const sent = new Set(model.sent.map(({ id }) => id));
  const delivered = model.deliveries.attempts.filter(({ state }) => state === 'delivered').map(({ alert }) => alert);
  expect(delivered.filter((id) => !sent.has(id))).toEqual([]);
}

/** What befell the models, lest all hold for want of trouble. */
interface Trouble {
  repeated: number;
  fenced: number;
  epochs: number;
  alerts: number;
  retractions: number;
  sentAgain: number;
}

function count(trouble: Trouble, model: PipelineModel): void {
  const { windows, flags, sent } = model;
  trouble.repeated += windows.asked.length - new Set(windows.asked).size;
  trouble.fenced += model.fenced;
  trouble.epochs += Math.max(0, ...windows.plans.map(({ epoch }) => epoch));
  for (const { alert } of flags.decisions.values()) {
    if (alert?.kind === 'alert') trouble.alerts += 1;
    if (alert?.kind === 'retraction') trouble.retractions += 1;
  }
  trouble.sentAgain += sent.length - new Set(sent.map(({ id }) => id)).size;
}

const holds = (weakness: Weakness, trouble?: Trouble) =>
  fc.asyncProperty(commands, async (story) => {
    const model = await new PipelineModel(weakness).begin();
    await fc.asyncModelRun(() => ({ model: {}, real: model }), story);
    await mustHold(model);
    if (trouble) count(trouble, model);
  });

describe('the pipeline as a whole, whatever fails, dies, sleeps and wakes', () => {
  it('folds every event once, and comes to the flags and alerts that the events alone come to', async () => {
    const trouble: Trouble = { repeated: 0, fenced: 0, epochs: 0, alerts: 0, retractions: 0, sentAgain: 0 };
    const atLeast = Number(process.env['MODEL_RUNS'] ?? 500);
    const lacks = (): string[] => Object.keys(trouble).filter((what) => trouble[what as keyof Trouble] <= 2);
    let runs = 0;
    // What is rare in the stories (a retraction needs an alert, and then an event from before it) is waited for, within bounds.
    while (runs < atLeast || (lacks().length > 0 && runs < 10 * atLeast)) {
      await fc.assert(holds({}, trouble), { numRuns: Math.min(500, atLeast) });
      runs += Math.min(500, atLeast);
    }
    expect(lacks()).toEqual([]);
    if (process.env['MODEL_RUNS']) process.stdout.write(`${runs} runs: ${JSON.stringify(trouble)}\n`);
  }, 3_600_000);

  it.each([{ tokens: 'off' }, { fences: 'off' }] as const)(
    'is seen to break with %j',
    async (weakness) => {
      const broken = await fc.check(holds(weakness), { numRuns: 2_000, endOnFailure: true });
      expect(broken.failed).toBe(true);
    },
    240_000,
  );
});
