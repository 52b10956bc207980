import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Random } from '../../libs/simulator/src/random.js';
import { Deck } from './deck.js';
import { EmbeddedWorld } from './embedded-world.js';
import { invariants } from './evidence.js';
import { WarmPool } from './member.js';
import { report, writeReport } from './report.js';
import type { RoundReport } from './report.js';
import { Round } from './round.js';
import type { MakeWorld, RoundSettings, Script } from './round.js';
import { brokerLink, brokerRestarts, rebalances, storeFaults, storeLink, zombies } from './kafka-scripts.js';
import { KafkaStage } from './kafka-stage.js';
import { KafkaWorld } from './kafka-world.js';
import { clocks, diskFull, input, kills, lags, outages, peace, receivers } from './scripts.js';
import { switches } from './switches.js';
import { Tally } from './tally.js';

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly world: 'embedded' | 'kafka' | 'both';
  readonly only?: readonly string[];
  readonly points?: readonly string[];
  readonly switch?: string;
  readonly report?: string;
  readonly round: number;
  readonly keep: boolean;
}

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('a number, please');
  return value;
};
const options = new Command('npm run chaos --')
  .description('Breaks Churnwatch and holds what is left against what was sent.')
  .option('--minutes <n>', 'how long, roughly', number, 3)
  .option('--seed <n>', 'of lives, faults and moments', number, Date.now() % 1_000_000)
  .addOption(new Option('--world <world>', 'where').choices(['embedded', 'kafka', 'both']).default('embedded'))
  .option('--only <plans>', 'only rounds of these plans, separated by commas', (text) => text.split(','))
  .option('--points <points>', 'kills at these crash points only, separated by commas', (text) => text.split(','))
  .addOption(new Option('--switch <name>', 'takes a protection out').choices(Object.keys(switches)))
  .option('--round <seconds>', 'how long one round is broken', number, 20)
  .option('--report <file>', 'writes FILE.json and FILE.md')
  .option('--keep', 'keeps the worlds’ folders', false)
  .parse()
  .opts<Options>();

interface Plan {
  readonly name: string;
  readonly world: 'embedded' | 'kafka';
  readonly script: Script;
  readonly weight: number;
  readonly settings?: Partial<RoundSettings>;
}

const off = options.switch === undefined ? undefined : switches[options.switch];
const deck = new Deck(off?.points ?? options.points ?? null);
let stage: KafkaStage | null = null;
const makeWorlds: Readonly<Record<Plan['world'], MakeWorld>> = {
  embedded: (parts, env, onDeath) => EmbeddedWorld.make(parts, env, onDeath, parts.folder.endsWith('disk-full')),
  kafka: (parts, env, onDeath) => KafkaWorld.make(stage!, parts, env, onDeath),
};
/** Deaths are many where little is under way at each. */
const fewPeople = { customers: 24, poison: 3 } as const;
/** In the order in which a short run plays them. */
const plans: readonly Plan[] = [
  { name: 'kills', world: 'embedded', script: kills(deck), weight: 6, settings: fewPeople },
  { name: 'kills', world: 'kafka', script: kills(deck), weight: 4, settings: fewPeople },
  { name: 'zombies', world: 'kafka', script: zombies, weight: 3 },
  { name: 'receivers', world: 'embedded', script: receivers, weight: 2 },
  { name: 'store', world: 'kafka', script: storeFaults, weight: 3 },
  { name: 'broker-link', world: 'kafka', script: brokerLink, weight: 3 },
  { name: 'lags', world: 'embedded', script: lags, weight: 1, settings: { history: 6 } },
  { name: 'rebalances', world: 'kafka', script: rebalances, weight: 3 },
  { name: 'store-link', world: 'kafka', script: storeLink, weight: 2 },
  { name: 'lags', world: 'kafka', script: lags, weight: 1, settings: { history: 6 } },
  { name: 'input', world: 'embedded', script: input, weight: 1, settings: { again: 0.15, late: 0.06, poison: 12 } },
  { name: 'disk-full', world: 'embedded', script: diskFull, weight: 1 },
  { name: 'clocks', world: 'embedded', script: clocks, weight: 1, settings: { clocksGoWrong: true } },
  { name: 'outage', world: 'embedded', script: outages, weight: 1, settings: { history: 30, customers: 60 } },
  { name: 'broker', world: 'kafka', script: brokerRestarts, weight: 1 },
  { name: 'receivers', world: 'kafka', script: receivers, weight: 1 },
  { name: 'peace', world: 'embedded', script: peace, weight: 1 },
  { name: 'peace', world: 'kafka', script: peace, weight: 1 },
];

/** Exit status where the machine has nothing to play on. */
const nothingToPlay = 3;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const started = performance.now();
const endsAt = started + options.minutes * 60_000;
const base = mkdtempSync(join(tmpdir(), 'churnwatch-chaos-'));
const tally = new Tally();
const rounds: RoundReport[] = [];
const random = new Random(options.seed, 99);
const pool = new WarmPool(options.world === 'embedded' ? 1 : 2);
let wanted = plans.filter(({ world, name }) =>
  off === undefined
    ? (options.world === 'both' || world === options.world) && (options.only?.includes(name) ?? true)
    : `${world} ${name}` === off.plan,
);
if (wanted.length === 0)
  throw new Error(
    `no plan ${options.only?.join(', ')} in this world; there are ${plans.map(({ name }) => name).join(', ')}`,
  );

if (wanted.some(({ world }) => world === 'kafka')) {
  try {
    stage = await KafkaStage.start();
  } catch (error) {
    say(`SKIPPED the kafka world: ${error instanceof Error ? error.message : String(error)}`);
    wanted = wanted.filter(({ world }) => world !== 'kafka');
    if (wanted.length === 0) {
      pool.close();
      process.exit(nothingToPlay);
    }
  }
}
say(`seed ${options.seed}, ${options.minutes} minutes, worlds in ${base}`);
for (let n = 0; n === 0 || performance.now() < endsAt; n++) {
  // In turn by weight: a plan that was played less than its share comes next.
  const played = (name: string): number => rounds.filter((round) => `${round.world} ${round.plan}` === name).length;
  const plan = wanted.toSorted(
    (a, b) => played(`${a.world} ${a.name}`) / a.weight - played(`${b.world} ${b.name}`) / b.weight,
  )[0]!;
  const seed = random.whole(1, 1_000_000_000);
  const seconds = Math.max(5, Math.min(options.round, (endsAt - performance.now()) / 1_000 - 5));
  const settings: RoundSettings = {
    name: plan.name,
    seed,
    seconds,
    folder: join(base, `${n}-${plan.world}-${plan.name}`),
    switches: options.switch === undefined ? [] : [options.switch],
    pool,
    customers: 32,
    again: 0,
    late: 0,
    poison: 6,
    clocksGoWrong: false,
    history: 0,
    env: off?.env ?? {},
    ...plan.settings,
  };
  const round = new Round(settings, tally);
  const began = performance.now();
  const { violations, counts } = await round.play(makeWorlds[plan.world], plan.script);
  const took = (performance.now() - began) / 1_000;
  rounds.push({
    plan: plan.name,
    world: plan.world,
    seed,
    seconds: took,
    violations,
    counts,
    injected: Object.fromEntries(round.injected),
  });
  const faults = [...round.injected.values()].reduce((sum, times) => sum + times, 0);
  const found = invariants.flatMap((each) => {
    const times = violations.filter(({ invariant }) => invariant === each).length;
    return times === 0 ? [] : [`${each} ${times}`];
  });
  say(
    `${plan.world} ${plan.name} seed ${seed}: ${took.toFixed(0)} s, ${faults} faults, ${counts['events'] ?? 0} events, ` +
      `${counts['moves'] ?? 0} moves, ${counts['alerts'] ?? 0} alerts: ${found.length === 0 ? 'nothing violated' : found.join(', ')}`,
  );
  for (const { invariant, what } of violations.slice(0, 8)) say(`   ${invariant} ${what}`);
  if (violations.length === 0 && !options.keep) rmSync(settings.folder, { recursive: true, force: true });
  if (violations.some(({ invariant }) => off?.guards.includes(invariant))) break;
}
pool.close();
await stage?.close();
const whole = report({ ...options, tally, rounds, minutes: (performance.now() - started) / 60_000 });
say(`\n${whole.text}`);
if (options.report !== undefined) writeReport(options.report, whole);
const violated = rounds.some(({ violations }) => violations.length > 0);
if (!violated && !options.keep) rmSync(base, { recursive: true, force: true });
else say(`What is left of the worlds with violations: ${base}`);
process.exit(violated ? 1 : 0);
