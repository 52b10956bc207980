import { ClickHouseScorer } from '#clickhouse';
import type { EpochMs } from '#domain';
import { advanceBand, customerId, isoOf, scoreBands, systemClock } from '#domain';
import { suggestion } from '#pipeline';
import type { ModelCard } from '#scoring';
import { labelText, promotion, rollback, versionInForce } from '#scoring';
import { count, decimals, percent, signed } from '../figure-texts.js';
import { shortTime, table } from '../letters/table.js';
import { historyIn } from '../stored-history.js';
import type { Terminal } from '../terminal.js';
import { cardLines, horizonText } from './card-lines.js';
import type { OwnedModels } from './with-models.js';

export interface CustomersQuestion {
  /** None: everybody at risk. */
  readonly names: readonly string[];
  /** Null: when the last event happened. */
  readonly at: EpochMs | null;
  readonly top: number;
}

/** What is asked of the scores that were trained. Each answers whether it went well. */
export class ScoreCommands {
  constructor(
    private readonly owned: OwnedModels,
    private readonly terminal: Terminal,
    private readonly json: boolean,
  ) {}

  async list(): Promise<boolean> {
    const { models, owner } = this.owned;
    const cards = await models.cards(owner);
    const changes = await models.changes(owner);
    const inForce = versionInForce(changes);
    if (this.json) return this.print({ inForce, cards, changes });
    if (cards.length === 0) return this.none();
    const head = ['', 'version', 'trained', 'foretells', 'within', 'data up to', 'rows', 'AUC', 'above rule'];
    const rows = cards.map((card) => [card.version === inForce ? '*' : '', ...cellsOf(card)]);
    for (const line of table([...head, 'lift@10 %', 'Brier', 'ECE', 'lost'], rows)) this.terminal.say(line);
    this.terminal.say('');
    for (const { at, kind, version } of changes)
      this.terminal.say(
        `${shortTime(isoOf(at))}  ${kind === 'promote' ? 'promoted' : 'rolled back to'} ${version ?? 'none'}`,
      );
    this.terminal.say(inForce === null ? 'None is in force: nobody is scored.' : `* ${inForce} is in force.`);
    return true;
  }

  async show(version: string | undefined): Promise<boolean> {
    const { models, owner } = this.owned;
    const cards = await models.cards(owner);
    if (cards.length === 0) return this.none();
    const wanted = version ?? versionInForce(await models.changes(owner));
    if (wanted === null) return this.refuse('None is in force: name a version.');
    const card = cards.find((each) => each.version === wanted);
    if (card === undefined) return this.unknown(wanted, cards);
    if (this.json) return this.print(card);
    for (const line of cardLines(card)) this.terminal.say(line);
    return true;
  }

  async customers({ names, at, top }: CustomersQuestion): Promise<boolean> {
    const { store, models, owner } = this.owned;
    const inForce = versionInForce(await models.changes(owner));
    const card = (await models.cards(owner)).find(({ version }) => version === inForce);
    if (card === undefined) return this.refuse('None is in force: `churnwatch score promote` says which is to be.');
    const asOf = at ?? (await historyIn(store, this.terminal))?.extent.lastAt;
    if (asOf === undefined) return false;
    const scorer = new ClickHouseScorer(store, card.model);
    const found =
      names.length === 0
        ? await scorer.everybody(owner.tenant, asOf)
        : await scorer.customers(owner.tenant, names.map(customerId), asOf);
    const scored = found
      .map((each) => ({ ...each, band: advanceBand(null, each.score, card.bands) }))
      .toSorted((a, b) => b.score - a.score || (a.customer < b.customer ? -1 : 1));
    const shown = scored.slice(0, top);
    if (this.json)
      return this.print({ version: card.version, asOf: isoOf(asOf), atRisk: scored.length, customers: shown });
    const bands = scoreBands.map((band) => `${band} ${count(scored.filter((each) => each.band === band).length)}`);
    const foretold = `"${labelText(card.model.outcome)}" within ${horizonText(card.model.outcome.horizonMs)}`;
    this.terminal.say(`${foretold} as of ${shortTime(isoOf(asOf))}, by ${card.version}`);
    this.terminal.say(`at risk: ${count(scored.length)} (${bands.toReversed().join(', ')})`);
    if (shown.length === 0) return true;
    const rows = shown.map(({ customer, score, band }) => [percent(score), band, customer]);
    for (const line of table(['chance', 'band', 'customer'], rows)) this.terminal.say(line);
    return true;
  }

  async promote(version: string): Promise<boolean> {
    const { models, owner } = this.owned;
    const cards = await models.cards(owner);
    if (!cards.some((card) => card.version === version)) return this.unknown(version, cards);
    const change = promotion(await models.changes(owner), version, systemClock.now());
    if (change === null) return this.refuse(`${version} is in force already.`);
    await models.append(owner, change);
    this.terminal.say(`${version} is in force.`);
    return true;
  }

  async rollback(): Promise<boolean> {
    const { models, owner } = this.owned;
    const change = rollback(await models.changes(owner), systemClock.now());
    if (change === null) return this.refuse('None is in force: there is nothing to take back.');
    await models.append(owner, change);
    this.terminal.say(change.version === null ? 'None is in force any more.' : `${change.version} is in force again.`);
    return true;
  }

  private none(): boolean {
    return this.refuse('No score was trained yet: `churnwatch score train` does.');
  }

  /** Versions are long: whoever types the beginning of one means that one. */
  private unknown(version: string, cards: readonly ModelCard[]): boolean {
    const versions = cards.map((card) => card.version);
    const begun = versions.find((each) => version !== '' && each.startsWith(version));
    const hint = begun === undefined ? suggestion(version, versions) : `, did you mean "${begun}"?`;
    return this.refuse(`There is no score "${version}"${hint}`);
  }

  private refuse(why: string): boolean {
    this.terminal.say(why);
    return false;
  }

  private print(value: unknown): boolean {
    this.terminal.say(JSON.stringify(value, null, 2));
    return true;
  }
}

function cellsOf({ version, trainedAt, data, model, evidence }: ModelCard): readonly string[] {
  const { quality, gain, rows } = evidence;
  return [
    version,
    shortTime(isoOf(trainedAt)),
    labelText(model.outcome),
    horizonText(model.outcome.horizonMs),
    isoOf(data.lastAt).slice(0, 10),
    rows.toLocaleString('en-US'),
    decimals(quality.auc, 4),
    gain.auc === null ? '-' : signed(gain.auc, 4),
    decimals(quality.lift, 2),
    decimals(quality.brier, 4),
    decimals(quality.ece, 3),
    quality.baseRate === null ? '-' : percent(quality.baseRate),
  ];
}
