import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { z } from 'zod';
import type { DeadLetterAnswer, DeadLettersAnswer, LetPassAnswer, ReplayManyAnswer, ReplayOutcome } from '#contracts';
import { intakeTopics, letPassRequest, replayManyRequest } from '#contracts';
import type { Clock } from '#domain';
import { isoOf, rejectReasons } from '#domain';
import type { Correction, DeadLetters, KeptLetter, LetterFilter, Replayer } from '#pipeline';
import { CLOCK, DEAD_LETTERS } from '#pipeline';
import { itemsOfEvents } from './intake-request.js';
import { cursorAfterLetter, readLetterCursor } from './letter-cursor.js';
import { deadLetterAnswerOf, deadLettersAnswerOf, replayOutcomeOf } from './present-letters.js';
import { RequestProblem } from './problem.js';
import { checked } from './query.js';
import type { RawRequest } from './raw-request.js';
import { bodyOf } from './raw-request.js';
import { tenantOf } from './tenant.js';

export const REPLAYER = Symbol('Replayer');

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
  reason: z.enum(rejectReasons).optional(),
  topic: z.string().min(1).optional(),
});
const replayQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') });
const mostGroups = 100;

/** What was refused, why, and the way back for it. */
@Controller('v1/dead-letters')
export class LettersController {
  constructor(
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetters,
    @Inject(REPLAYER) private readonly replayer: Replayer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async list(@Query() query: unknown): Promise<DeadLettersAnswer> {
    const { limit, cursor, ...asked } = checked(listQuery, query);
    const filter = filterOf(asked);
    const [groups, { letters, nextCursor }] = await Promise.all([
      this.deadLetters.groups(filter, mostGroups),
      this.page({ ...filter, limit }, cursor),
    ]);
    return deadLettersAnswerOf(groups, letters, nextCursor);
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<DeadLetterAnswer> {
    return deadLetterAnswerOf(await this.find(id));
  }

  @Post('replay')
  @HttpCode(200)
  async replayMany(@Req() request: RawRequest): Promise<ReplayManyAnswer> {
    const { ids, dryRun, limit, cursor, rename, set, ...asked } = checked(replayManyRequest, jsonOf(request), 'body');
    // Whoever names a letter is told when it was replayed before; whoever asks for all of a kind wants those left.
    const which = { ...filterOf(asked), ...(ids === undefined ? { open: true, limit } : { ids, limit: ids.length }) };
    const { letters, nextCursor } = await this.page(which, cursor);
    if (ids !== undefined && letters.length === 0) throw new RequestProblem(404, 'There are no such letters.');
    // What happened first goes in first.
    const inOrder = letters.toSorted((a, b) => a.at - b.at || a.offset - b.offset);
    const mends = Object.keys(rename).length + Object.keys(set).length > 0;
    const correction: Correction = mends ? { kind: 'mended', mending: { rename, set } } : { kind: 'as-it-was' };
    const replays = dryRun
      ? this.replayer.judge(tenantOf(), inOrder, correction)
      : await this.replayer.replay(tenantOf(), inOrder, correction);
    const items = inOrder.map((letter, index) => replayOutcomeOf(letter, replays[index]!));
    const count = (outcome: ReplayOutcome['outcome']) => items.filter((item) => item.outcome === outcome).length;
    return { dryRun, admitted: count('admitted'), refused: count('refused'), items, nextCursor };
  }

  @Post('let-pass')
  @HttpCode(200)
  async letPass(@Req() request: RawRequest): Promise<LetPassAnswer> {
    const asked = checked(letPassRequest, jsonOf(request), 'body');
    const known = Object.values(intakeTopics).map(({ name }) => name);
    if (!known.includes(asked.topic)) throw new RequestProblem(400, `topic: one of ${known.join(', ')}.`);
    const at = this.clock.now();
    await this.deadLetters.letPass({ ...asked, at });
    return { ...asked, at: isoOf(at) };
  }

  @Post(':id/replay')
  @HttpCode(200)
  async replay(@Param('id') id: string, @Query() query: unknown, @Req() request: RawRequest): Promise<ReplayOutcome> {
    const { dryRun } = checked(replayQuery, query);
    const correction = correctionOf(bodyOf(request), request);
    const letter = await this.find(id);
    const [replay] =
      dryRun === 'true'
        ? this.replayer.judge(tenantOf(), [letter], correction)
        : await this.replayer.replay(tenantOf(), [letter], correction);
    if (replay!.kind !== 'rejected') return replayOutcomeOf(letter, replay!);
    const { reason, detail } = replay!;
    throw new RequestProblem(422, 'It is still refused: `items` says why.', {
      accepted: 0,
      rejected: 1,
      items: [{ index: 0, id: null, outcome: 'rejected', reason, detail }],
    });
  }

  private async find(id: string): Promise<KeptLetter> {
    const letter = await this.deadLetters.find(id);
    if (letter === null) throw new RequestProblem(404, 'There is no such letter.');
    return letter;
  }

  private async page(
    { limit, ...asked }: Parameters<DeadLetters['page']>[0],
    cursor: string | undefined,
  ): Promise<{ readonly letters: readonly KeptLetter[]; readonly nextCursor: string | null }> {
    const after = cursor === undefined ? undefined : readLetterCursor(cursor);
    if (cursor !== undefined && after === undefined)
      throw new RequestProblem(400, 'cursor: pass `nextCursor` of the page before as it came.');
    // One more than asked for tells whether there is a next page.
    const found = await this.deadLetters.page({
      ...asked,
      limit: limit + 1,
      ...(after === undefined ? {} : { after }),
    });
    const letters = found.slice(0, limit);
    const last = letters.at(-1);
    return { letters, nextCursor: found.length > limit && last !== undefined ? cursorAfterLetter(last) : null };
  }
}

const filterOf = ({ reason, topic }: { [K in keyof LetterFilter]?: LetterFilter[K] | undefined }): LetterFilter => ({
  ...(reason === undefined ? {} : { reason }),
  ...(topic === undefined ? {} : { topic }),
});

function correctionOf(body: Buffer, { headers }: RawRequest): Correction {
  if (body.length === 0 && headers['ce-specversion'] === undefined) return { kind: 'as-it-was' };
  const items = itemsOfEvents(body, headers);
  if (items.length !== 1) throw new RequestProblem(400, `One letter is one event, the body holds ${items.length}.`);
  return { kind: 'another', read: items[0]!.read };
}

function jsonOf(request: RawRequest): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bodyOf(request))) as unknown;
  } catch (error) {
    if (error instanceof RequestProblem) throw error;
    throw new RequestProblem(400, 'The body is no JSON in UTF-8.');
  }
}
