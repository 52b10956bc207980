import { readFile } from 'node:fs/promises';
import type { ReplayManyRequest, ReplayOutcome } from '#contracts';
import type { RejectReason } from '#domain';
import { isRefused } from '../ask-gateway.js';
import type { Refused } from '../ask-gateway.js';
import type { Terminal } from '../terminal.js';
import type { LettersClient } from './letters-client.js';
import { onOneLine, shortTime, table } from './table.js';

export interface Which {
  readonly reason?: RejectReason;
  readonly topic?: string;
}

export interface ReplayWish extends Which {
  readonly file?: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly rename: Readonly<Record<string, string>>;
  readonly yes: boolean;
}

/** What the commands under `dead-letters` do; each answers whether it went well. */
export class LetterCommands {
  constructor(
    private readonly client: LettersClient,
    private readonly terminal: Terminal,
  ) {}

  async list(which: Which & { readonly limit: number }): Promise<boolean> {
    const answer = await this.client.list({ ...which, limit: String(which.limit) });
    if (isRefused(answer)) return this.no(answer);
    if (answer.groups.length === 0) return this.well('No dead letters.');
    const groups = answer.groups.map((group) => [
      String(group.count),
      String(group.replayed),
      group.reason,
      group.topic,
      shortTime(group.firstSeenAt),
      shortTime(group.lastSeenAt),
      group.detail,
    ]);
    this.lines(table(['LETTERS', 'REPLAYED', 'REASON', 'TOPIC', 'FIRST SEEN', 'LAST SEEN', 'DETAIL'], groups));
    this.terminal.say('');
    const letters = answer.items.map((letter) => [
      letter.id,
      shortTime(letter.firstSeenAt),
      letter.reason,
      letter.replayed === null ? '-' : shortTime(letter.replayed.at),
      letter.encoding === 'utf8' ? letter.value.slice(0, 80) : `${letter.bytes} bytes, no text`,
    ]);
    this.lines(table(['ID', 'FIRST SEEN', 'REASON', 'REPLAYED', 'RECORD'], letters));
    if (answer.nextCursor !== null) this.terminal.say(`The newest ${answer.items.length}; --limit shows more.`);
    return true;
  }

  async show(id: string): Promise<boolean> {
    const letter = await this.client.show(id);
    if (isRefused(letter)) return this.no(letter);
    const { replayed } = letter;
    this.lines(
      table(
        ['ID', letter.id],
        [
          ['REASON', letter.reason],
          ['DETAIL', letter.detail],
          ['TO DO', letter.remedy],
          ['KEY', letter.key ?? '(none)'],
          ['ARRIVED', letter.at],
          ['FIRST SEEN', letter.firstSeenAt],
          ['LAST SEEN', letter.lastSeenAt],
          ['REPLAYED', replayed === null ? 'no' : `${replayed.at} as ${replayed.source} ${replayed.id}`],
          ...Object.entries(letter.headers).map(([name, value]) => ['HEADER', `${name}: ${value}`]),
          ['RECORD', `${letter.bytes} bytes${letter.encoding === 'base64' ? ', no UTF-8: base64' : ''}`],
        ],
      ),
    );
    // Line ends are kept, so that a record can be read; nothing else that moves the cursor.
    this.lines(letter.value.split('\n').map(onOneLine));
    return true;
  }

  async replay(ids: readonly string[], wish: ReplayWish): Promise<boolean> {
    if (wish.file !== undefined) return this.replayFile(ids, wish.file, wish.yes);
    if (ids.length === 0 && wish.reason === undefined && wish.topic === undefined)
      return this.no({ no: 'Say which: ids, --reason or --topic.' });
    const { reason, topic, set, rename, yes } = wish;
    const request: ReplayManyRequest = {
      ...(ids.length === 0 ? {} : { ids: [...ids] }),
      ...(reason === undefined ? {} : { reason }),
      ...(topic === undefined ? {} : { topic }),
      set: { ...set },
      rename: { ...rename },
      dryRun: !yes,
      limit: 500,
    };
    const outcomes: ReplayOutcome[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const answer = await this.client.replayMany(cursor === '' ? request : { ...request, cursor });
      if (isRefused(answer)) return this.no(answer);
      outcomes.push(...answer.items);
      cursor = answer.nextCursor;
    }
    return this.tell(outcomes, yes);
  }

  async letPass(topic: string, partition: number, upToOffset: number): Promise<boolean> {
    const answer = await this.client.letPass(topic, partition, upToOffset);
    if (isRefused(answer)) return this.no(answer);
    return this.well(
      `${topic}/${partition}: what is refused up to offset ${upToOffset} and had arrived by ${answer.at} may be buried. ` +
        'The tracker reads this at its next try, within seconds.',
    );
  }

  private async replayFile(ids: readonly string[], path: string, yes: boolean): Promise<boolean> {
    if (ids.length !== 1) return this.no({ no: '--file corrects one letter: name exactly one.' });
    let event: string;
    try {
      event = await readFile(path, 'utf8');
    } catch {
      return this.no({ no: `--file: ${path} cannot be read.` });
    }
    const answer = await this.client.replay(ids[0]!, event, !yes);
    return isRefused(answer) ? this.no(answer) : this.tell([answer], yes);
  }

  private tell(outcomes: readonly ReplayOutcome[], yes: boolean): boolean {
    if (outcomes.length === 0) return this.well('No letter is left to replay.');
    this.lines(
      table(
        ['LETTER', yes ? 'OUTCOME' : 'WOULD BE', 'HOW'],
        outcomes.slice(0, mostTold).map((each) => [each.letter, each.outcome, howOf(each)]),
      ),
    );
    if (outcomes.length > mostTold) this.terminal.say(`... and ${outcomes.length - mostTold} more`);
    const count = (outcome: ReplayOutcome['outcome']) => outcomes.filter((each) => each.outcome === outcome).length;
    const refused = count('refused');
    const said = `${count('admitted')} admitted, ${refused} still refused, ${count('already-replayed')} replayed before`;
    this.terminal.say(yes ? said : `${said}. Nothing was done: repeat it with --yes.`);
    return refused === 0;
  }

  private lines(lines: readonly string[]): void {
    for (const line of lines) this.terminal.say(line);
  }

  private well(line: string): true {
    this.terminal.say(line);
    return true;
  }

  private no({ no }: Refused): false {
    this.terminal.say(no);
    return false;
  }
}

const mostTold = 50;

function howOf(outcome: ReplayOutcome): string {
  switch (outcome.outcome) {
    case 'admitted':
      return `${outcome.event.type} of ${outcome.event.customer}, as ${outcome.event.source} ${outcome.event.id}`;
    case 'refused':
      return `${outcome.reason}: ${outcome.detail}`;
    case 'already-replayed':
      return `${outcome.replayed.at} as ${outcome.replayed.source} ${outcome.replayed.id}`;
  }
}
