import type { Evaluation, Verdict } from '#domain';
import { customerId, epochMs, HOUR, ruleId, tenantId } from '#domain';
import { FlagBook } from './evaluate.js';
import { aSilencePack } from '../testing/silence-evaluator.js';

const [tenant, customer, rule] = [tenantId('default'), customerId('ada'), ruleId('silent')];
const now = epochMs(1_000 * HOUR);

/** The rule's verdict at this hour, and when it or a breach may come next. */
function at(hour: number, verdict: Verdict, { change, breach }: { change?: number; breach?: number } = {}): Evaluation {
  const instant = (hours?: number) => (hours === undefined ? null : epochMs(hours * HOUR));
  const stages = { stage: null, nextStageAt: null, usualGapDays: null };
  const next = { nextChangeAt: instant(change ?? breach), nextBreachAt: instant(breach), ...stages };
  return {
    tenant,
    customer,
    asOf: epochMs(hour * HOUR),
    verdicts: new Map([[rule, verdict]]),
    signals: { mood: 1, silence: hour },
    ...next,
  };
}
function decide(book: FlagBook, ...evaluations: [Evaluation, ...Evaluation[]]) {
  const { decisions, decidedAt, lookAgainAt } = book.decide(evaluations, now);
  return {
    decisions,
    moves: decisions.map(
      ({ transition: move, alert }) => `${move.from}>${move.to}@${move.becameDueAt / HOUR}${alert ? ' told' : ''}`,
    ),
    decidedAt: decidedAt / HOUR,
    lookAgainAt: lookAgainAt === null ? null : lookAgainAt / HOUR,
  };
}

describe('deciding on one customer', () => {
  it('moves a flag, with the evidence of that instant and the rule’s own signals first', () => {
    const { decisions, moves } = decide(new FlagBook(aSilencePack()), at(5, 'breach'));
    expect(moves).toEqual(['clear>firing@5 told']);
    expect(Object.entries(decisions[0]!.transition.evidence)).toEqual([
      ['silence', 5],
      ['mood', 1],
    ]);
    expect(decisions[0]!.alert!.text.en).toBe('Silent for 5 days');
  });

  it('moves the flags of a muted rule and tells nobody', () => {
    const book = new FlagBook(aSilencePack({}, { en: 'Not measured', zh: '未测量' }));
    expect(decide(book, at(5, 'breach'), at(6, 'ok')).moves).toEqual(['clear>firing@5', 'firing>clear@6']);
  });

  it('takes further instants as long as no deadline lies before them', () => {
    const book = new FlagBook(aSilencePack());
    expect(decide(book, at(1, 'ok', { breach: 9 }), at(2, 'ok', { breach: 10 }))).toMatchObject({
      decidedAt: 2,
      lookAgainAt: 10,
    });
    expect(decide(book, at(1, 'ok', { breach: 2 }), at(2, 'breach'))).toMatchObject({
      decidedAt: 2,
      moves: ['clear>firing@2 told'],
    });
    expect(decide(book, at(1, 'ok', { breach: 2 }), at(3, 'ok'))).toMatchObject({
      decidedAt: 1,
      lookAgainAt: 2,
      moves: [],
    });
  });

  it('looks again when a pending flag is to fire, and at any change once a flag is up', () => {
    const book = new FlagBook(aSilencePack({ pendingMs: 3 * HOUR }));
    expect(decide(book, at(5, 'breach', { change: 20 }))).toMatchObject({ moves: ['clear>pending@5'], lookAgainAt: 8 });
    expect(decide(book, at(5, 'breach', { change: 6 }))).toMatchObject({ lookAgainAt: 6 });
    expect(decide(book, at(5, 'ok', { change: 6, breach: 9 }))).toMatchObject({ moves: [], lookAgainAt: 9 });
  });

  it('moves nothing until the decisions are kept, and comes to the same ones when asked again', () => {
    const book = new FlagBook(aSilencePack());
    const first = decide(book, at(5, 'breach'));
    expect(decide(book, at(5, 'breach')).decisions).toEqual(first.decisions);
    book.keep(first.decisions);
    expect(decide(book, at(5, 'breach')).moves).toEqual([]);
    expect(book.flagsOf(tenant, customer)).toMatchObject([{ rule, state: 'firing', episode: 1, sequence: 1 }]);
  });

  it('tells nobody a second time of a flag that relapses while recovering', () => {
    const book = new FlagBook(aSilencePack({ recoverMs: 9 * HOUR }));
    expect(decide(book, at(1, 'breach'), at(2, 'ok'), at(3, 'breach')).moves).toEqual([
      'clear>firing@1 told',
      'firing>recovering@2',
      'recovering>firing@3',
    ]);
  });

  it('knows the flags again that a store kept', () => {
    const book = new FlagBook(aSilencePack());
    const flag = { state: 'firing', since: epochMs(HOUR), episode: 3, clearedAt: null } as const;
    book.restore([{ tenant, customer, rule, flag, sequence: 7, spent: 3 }]);
    expect(decide(book, at(5, 'breach')).moves).toEqual([]);
    const [cleared] = decide(book, at(6, 'ok')).decisions;
    expect(cleared!.transition).toMatchObject({ sequence: 8, episode: 3, to: 'clear', clearedAt: 6 * HOUR });
    book.restore([]);
    expect(book.flagsOf(tenant, customer)).toEqual([]);
  });
});
