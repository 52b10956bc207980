import type { RejectReason } from '#domain';
import { ChurnError } from '#domain';
import type { DeadLetter, DeadLetters, LetPass, LetterSource } from '../ports/dead-letters.js';
import type { LogRecord } from '../ports/event-log.js';
import type { Observer } from '../ports/observer.js';

/** How much of a partition may be buried before somebody has to look. Zero switches a cap off. */
export interface CapLimits {
  /** This many refused records in a row are too many. */
  readonly maxConsecutive: number;
  /** This share (0 to 1) of the last `windowRecords` is too much, once a tenth of them has been seen. */
  readonly maxShare: number;
  readonly windowRecords: number;
}

export const defaultCapLimits: CapLimits = { maxConsecutive: 1_000, maxShare: 0.5, windowRecords: 10_000 };

/** Of a chunk that may be stored; hand it back to `settle` when it is. */
export type CapVerdict = Tally;

interface Standing {
  /** Under which ownership this holds: after another one, somebody else may have read more. */
  readonly owner: AbortSignal;
  epoch: number;
  /** Null until the next chunk is judged: then the store tells what was refused before it. */
  tally: Tally | null;
  pass: LetPass | null;
  stopped: string | null;
}

/** As much of a batch as is needed to judge a chunk of it. */
export interface Judged {
  readonly topic: string;
  readonly partition: number;
  readonly signal: AbortSignal;
}

/**
 * Bad records are buried one by one, but a topic is not: when nearly everything is refused, the fault is most likely
 * ours or one deployment's, and reading on would turn a topic into dead letters within minutes. Then the partition
 * stands still, loudly, and nothing of the chunk is buried. It goes on by itself once its records can be read, or when
 * an operator lets them pass. A trickle never comes near a cap.
 */
export class DeadLetterCap {
  private readonly standings = new Map<string, Standing>();

  constructor(
    private readonly deadLetters: Pick<DeadLetters, 'refusedBetween' | 'passOf'>,
    private readonly observer: Observer,
    private readonly limits: CapLimits = defaultCapLimits,
  ) {}

  /** Of `records`, a new chunk may hold this many at most: an operator's word covers none beyond its offset. */
  longestChunk(source: Judged, records: readonly LogRecord[]): number {
    const pass = this.standings.get(keyOf(source))?.pass ?? null;
    if (pass === null || !covers(pass, records[0]!)) return records.length;
    const beyond = records.findIndex((record) => !covers(pass, record));
    return beyond === -1 ? records.length : beyond;
  }

  /**
   * Call it before the chunk is planned, with what reading it came to. Throws ChurnError DEAD_LETTER_CAP when too much
   * is refused; then nothing may be buried, and the same records are to be tried again later.
   */
  async judge(
    batch: Judged,
    epoch: number,
    records: readonly LogRecord[],
    letters: readonly DeadLetter[],
  ): Promise<CapVerdict> {
    const standing = this.standingOf(batch);
    const source = { topic: batch.topic, partition: batch.partition, epoch };
    if (standing.epoch !== epoch) standing.tally = null;
    standing.epoch = epoch;
    if (standing.tally === null) {
      standing.pass = await this.deadLetters.passOf(batch.topic, batch.partition);
      standing.tally = await this.recall(source, records[0]!, standing.pass);
    }
    const refused = new Map(letters.map((letter) => [letter.offset, letter.reason]));
    const first = this.weigh(standing.tally, records, refused, standing.pass);
    if (first.fault === null) return first.tally;
    // It would stop: only now is it worth asking whether somebody said to go on.
    const pass = await this.deadLetters.passOf(batch.topic, batch.partition);
    const isNews = pass !== null && pass.at !== standing.pass?.at;
    standing.pass = pass;
    const second = isNews ? this.weigh(standing.tally, records, refused, pass) : first;
    if (second.fault === null) return second.tally;
    throw this.stop(batch, standing, records, second.fault, refused);
  }

  /** The chunk is stored. Null: it was a repeat, which is never judged. */
  settle(batch: Judged, verdict: CapVerdict | null): void {
    const standing = this.standingOf(batch);
    standing.tally = verdict;
    this.goOn(batch, standing);
  }

  /** The partitions that stand still here, each with what to know. */
  stopped(): readonly string[] {
    return [...this.standings.values()].flatMap(({ stopped, owner }) =>
      stopped === null || owner.aborted ? [] : [stopped],
    );
  }

  private standingOf(batch: Judged): Standing {
    const key = keyOf(batch);
    const known = this.standings.get(key);
    if (known?.owner === batch.signal) return known;
    const fresh: Standing = { owner: batch.signal, epoch: 0, tally: null, pass: null, stopped: null };
    this.standings.set(key, fresh);
    return fresh;
  }

  /** A restart does not forgive: what was refused lately is in the store. */
  private async recall(source: LetterSource, first: LogRecord, pass: LetPass | null): Promise<Tally> {
    const tally = new Tally(Math.max(this.limits.windowRecords, 1));
    const passed = Math.min(pass === null ? 0 : pass.upToOffset + 1, first.offset);
    const from = Math.max(passed, first.offset - this.limits.windowRecords);
    const refused = new Set(await this.deadLetters.refusedBetween(source, from, first.offset));
    for (let offset = from; offset < first.offset; offset++) tally.add(refused.has(offset));
    return tally;
  }

  private weigh(
    before: Tally,
    records: readonly LogRecord[],
    refused: ReadonlyMap<number, RejectReason>,
    pass: LetPass | null,
  ): { readonly tally: Tally; readonly fault: string | null } {
    const tally = before.copy();
    let fault: string | null = null;
    for (const record of records) {
      if (pass !== null && covers(pass, record)) {
        if (tally.seen > 0) tally.clear();
        continue;
      }
      const isRefused = refused.has(record.offset);
      tally.add(isRefused);
      if (isRefused) fault ??= this.faultOf(tally);
    }
    return { tally, fault };
  }

  private faultOf({ consecutive, refused, seen }: Tally): string | null {
    const { maxConsecutive, maxShare, windowRecords } = this.limits;
    if (maxConsecutive > 0 && consecutive >= maxConsecutive) return `${consecutive} records in a row are refused`;
    if (maxShare > 0 && seen >= Math.ceil(windowRecords / 10) && refused >= seen * maxShare)
      return `${refused} of the last ${seen} records are refused`;
    return null;
  }

  private stop(
    batch: Judged,
    standing: Standing,
    records: readonly LogRecord[],
    fault: string,
    refused: ReadonlyMap<number, RejectReason>,
  ): ChurnError {
    const { topic, partition } = batch;
    const [first, last] = [records[0]!.offset, records.at(-1)!.offset];
    const reasons = [...new Set(refused.values())].join(', ');
    const text = `${topic}/${partition} stands still at offset ${first}: ${fault} (${reasons}); read up to ${last}, nothing of it is buried`;
    const before = standing.stopped;
    standing.stopped = text;
    if (before === null) {
      this.observer({ kind: 'capped', topic, partition, isStopped: true, text });
      // Whoever owns it next tells of it.
      standing.owner.addEventListener('abort', () => this.goOn(batch, standing), { once: true });
    }
    return new ChurnError('DEAD_LETTER_CAP', text, { retryable: true });
  }

  private goOn({ topic, partition }: Judged, standing: Standing): void {
    if (standing.stopped === null) return;
    standing.stopped = null;
    this.observer({ kind: 'capped', topic, partition, isStopped: false, text: `${topic}/${partition} goes on` });
  }
}

const keyOf = ({ topic, partition }: Judged): string => `${topic}/${partition}`;

const covers = ({ upToOffset, at }: LetPass, { offset, timestamp }: LogRecord): boolean =>
  offset <= upToOffset && timestamp <= at;

/** Which of the last records were refused. */
class Tally {
  consecutive = 0;
  refused = 0;
  seen = 0;
  private next = 0;

  constructor(
    size: number,
    private readonly verdicts = new Uint8Array(size),
  ) {}

  add(isRefused: boolean): void {
    const size = this.verdicts.length;
    if (this.seen === size) this.refused -= this.verdicts[this.next]!;
    else this.seen += 1;
    this.verdicts[this.next] = isRefused ? 1 : 0;
    this.next = (this.next + 1) % size;
    this.refused += isRefused ? 1 : 0;
    this.consecutive = isRefused ? this.consecutive + 1 : 0;
  }

  clear(): void {
    this.verdicts.fill(0);
    this.consecutive = this.refused = this.seen = this.next = 0;
  }

  copy(): Tally {
    const copy = new Tally(0, this.verdicts.slice());
    copy.consecutive = this.consecutive;
    copy.refused = this.refused;
    copy.seen = this.seen;
    copy.next = this.next;
    return copy;
  }
}
