import { isoOf, systemClock } from '#domain';
import { suggestion } from '#pipeline';
import type { ModelCard } from '#scoring';
import { labelText, promotion, rollback, versionInForce } from '#scoring';
import { decimals, percent, signed } from '../figure-texts.js';
import { shortTime, table } from '../letters/table.js';
import type { Terminal } from '../terminal.js';
import { cardLines, horizonText } from './card-lines.js';
import type { OwnedModels } from './with-models.js';

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
