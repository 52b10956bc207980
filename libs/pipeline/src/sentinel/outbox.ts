import type { CustomerId, EpochMs, Pack, StageMove } from '#domain';
import type { FlagBook } from './evaluate.js';
import type { Fence } from '../ports/fence.js';
import type { Decision, Share } from '../ports/flag-store.js';
import { publish, publishStages } from '../intake/publish.js';
import type { StageBook } from './stage-book.js';
import type { SentinelParts } from './sentinel-parts.js';

export interface Decided {
  readonly flags: readonly Decision[];
  readonly stages: readonly StageMove[];
}

type FencesOf = (customers: readonly CustomerId[]) => readonly Fence[];
const ofFlags = (decisions: readonly Decision[]) => decisions.map(({ transition }) => transition.customer);
const ofStages = (moves: readonly StageMove[]) => moves.map(({ customer }) => customer);

/** What was decided: stored before anybody hears of it, and then owed to the topics until it is known to have been told. */
export class Outbox {
  private flags: Decision[] = [];
  private stages: StageMove[] = [];

  constructor(
    private readonly parts: Pick<SentinelParts, 'flags' | 'stages' | 'log' | 'clock' | 'observer'> & {
      readonly pack: Pack;
    },
    private readonly book: FlagBook,
    private readonly stageBook: StageBook,
  ) {}

  clear(): void {
    this.flags = [];
    this.stages = [];
  }

  /** What whoever had the share before stored, and perhaps did not tell. */
  async restore(share: Share): Promise<void> {
    this.flags = [...(await this.parts.flags.unpublished(share))];
    this.stages = [...(await this.parts.stages.unpublished(share))];
  }

  /**
   * Stages first: flags say how far a customer is decided, and what lies before is not looked at again after a crash. Should
   * one come between the two, the book sees that the stage is further than the flags.
   */
  async store({ flags, stages }: Decided, fencesOf: FencesOf): Promise<void> {
    if (stages.length > 0) await this.parts.stages.append(stages, fencesOf(ofStages(stages)));
    if (flags.length > 0) await this.parts.flags.append(flags, fencesOf(ofFlags(flags)));
    this.stageBook.keep(stages);
    this.book.keep(flags);
    this.stages.push(...stages);
    this.flags.push(...flags);
    for (const { to } of stages) this.parts.observer({ kind: 'stage-moved', to, count: 1 });
    for (const { transition: move } of flags) {
      const delayMs = move.detectedAt - move.becameDueAt;
      this.parts.observer({ kind: 'moved', rule: move.rule, from: move.from, to: move.to, delayMs });
    }
  }

  get owesNothing(): boolean {
    return this.flags.length === 0 && this.stages.length === 0;
  }

  /** Of whom there is something to tell. */
  get customers(): readonly CustomerId[] {
    return [...ofFlags(this.flags), ...ofStages(this.stages)];
  }

  async tell(): Promise<void> {
    const { pack, flags, stages, log, clock } = this.parts;
    const now = (): EpochMs => clock.now();
    if (this.flags.length > 0) {
      const decisions = [...this.flags];
      await publish(log, pack, this.book, decisions, now());
      await flags.markPublished(decisions, now());
      this.flags.splice(0, decisions.length);
    }
    if (this.stages.length > 0) {
      const moves = [...this.stages];
      await publishStages(log, moves, now());
      await stages.markPublished(moves, now());
      this.stages.splice(0, moves.length);
    }
  }
}
