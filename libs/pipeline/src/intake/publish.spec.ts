import { topics } from '#contracts';
import { customerId, epochMs, ruleId, tenantId } from '#domain';
import type { Evaluation, Pack, Verdict } from '#domain';
import { FlagBook } from '../sentinel/evaluate.js';
import { publish } from './publish.js';
import { MemoryLog } from '../testing/memory-log.js';
import { aSilencePack } from '../testing/silence-evaluator.js';

const [tenant, rule, now] = [tenantId('default'), ruleId('silent'), epochMs(9_000)];
const judged = (name: string, asOf: number, verdict: Verdict): Evaluation => ({
  tenant,
  customer: customerId(name),
  asOf: epochMs(asOf),
  verdicts: new Map([[rule, verdict]]),
  signals: { silence: 8 },
  nextChangeAt: null,
  nextBreachAt: null,
  stage: null,
  nextStageAt: null,
  usualGapDays: null,
});

/** What a customer's evaluations lead to, kept in the book and told to the log. */
const afterwards = (...evaluations: [Evaluation, ...Evaluation[]]) => afterwardsBy(aSilencePack(), ...evaluations);
async function afterwardsBy(pack: Pack, ...evaluations: [Evaluation, ...Evaluation[]]) {
  const log = new MemoryLog();
  const book = new FlagBook(pack);
  const { decisions } = book.decide(evaluations, now);
  book.keep(decisions);
  await publish(log, pack, book, decisions, now);
  return { log, decisions };
}

describe('telling the topics', () => {
  it('says every move, and once per customer what their flags come to', async () => {
    const { log, decisions } = await afterwards(judged('ada', 1, 'breach'));
    const [transition] = log.written(topics.riskTransitions.name);
    expect(transition!.key).toBe('ada');
    expect(JSON.parse(Buffer.from(transition!.value!).toString())).toMatchObject({ id: decisions[0]!.transition.id });
    const [current] = log.written(topics.riskCurrent.name);
    expect(Buffer.from(current!.value!).toString()).toContain('"silent"');
  });

  it('takes a customer off the current risks when no flag is left', async () => {
    const { log } = await afterwards(judged('ada', 1, 'breach'), judged('ada', 2, 'ok'));
    expect(log.written(topics.riskTransitions.name)).toHaveLength(2);
    expect(log.written(topics.riskCurrent.name).map(({ key, value }) => [key, value])).toEqual([['ada', null]]);
  });

  it('tells the moves of a muted rule, and counts none of them among the current risks', async () => {
    const muted = aSilencePack({}, { en: 'Not measured', zh: '未测量' });
    const { log } = await afterwardsBy(muted, judged('ada', 1, 'breach'));
    const [transition] = log.written(topics.riskTransitions.name);
    expect(JSON.parse(Buffer.from(transition!.value!).toString())).toMatchObject({
      type: 'dev.churnwatch.risk.raised',
      data: { alert: null },
    });
    expect(log.written(topics.riskCurrent.name).map(({ value }) => value)).toEqual([null]);
  });

  it('writes nothing when nothing was decided', async () => {
    const { log } = await afterwards(judged('ada', 1, 'ok'));
    expect(log.appends).toBe(0);
  });
});
