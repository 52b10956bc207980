import { join } from 'node:path';
import { HOUR } from '#domain';
import { loadPack } from '#pipeline';
import type { Evidence, Violation } from './evidence.js';
import { checkStages } from './verify-stages.js';
import type { Left, StoredMove } from './what-is-left.js';

const pack = loadPack(join(import.meta.dirname, 'pack'));
const at = Date.UTC(2026, 0, 5);
const sent = { source: 'app', id: '1', type: 'app_open', customer: 'ada', at, amount: null, handAt: at } as const;
const evidence = { sent: [sent], endAt: at + 90 * 60_000 } as unknown as Evidence;

const move = (sequence: number, from_state: string, to_state: string, became_due_at: number): StoredMove => ({
  id: `m${sequence}`,
  sequence,
  customer: 'ada',
  rule: 'stage',
  episode: 0,
  from_state,
  to_state,
  became_due_at,
  detected_at: became_due_at,
  amends: null,
  alert_id: '',
  alert: '',
});
const entered = move(1, '', 'new', at);
// After one event the usual gap is half an hour, so an hour is the longer of the two bounds.
const slipped = move(2, 'new', 'slipping', at + HOUR);

function found(stages: readonly StoredMove[], told: readonly StoredMove[] = stages): readonly string[] {
  const violations: Violation[] = [];
  const left = {
    events: [{ source: 'app', id: '1', times: 1 }],
    stages,
    stageMoves: told.map(({ id, customer }) => ({ key: customer, value: JSON.stringify({ id }) })),
  } as unknown as Left;
  checkStages(evidence, left, pack, violations, {});
  return violations.map(({ invariant, what }) => `${invariant} ${what}`);
}

const slippedAt = new Date(at + HOUR).toISOString();

it('finds nothing wrong with the stages of the reference', () => {
  expect(found([entered, slipped])).toEqual([]);
});

it('finds a stage that is missing, one that should not be, and one that was entered from elsewhere', () => {
  expect(found([entered])).toEqual([`I3 ada stage: missing: slipping at ${slippedAt}`]);
  expect(found([entered, slipped, move(3, 'slipping', 'active', at + HOUR + 1)])).toEqual([
    `I6 ada stage: not in the reference: active at ${new Date(at + HOUR + 1).toISOString()}`,
  ]);
  expect(found([entered, { ...slipped, from_state: 'active' }])).toEqual([
    `I6 ada stage: slipping at ${slippedAt} though it stood at new`,
  ]);
});

it('finds a stage that was never told, and two told in the wrong order', () => {
  expect(found([entered, slipped], [entered])).toEqual([`I3 ada stage: not on the topic: slipping at ${slippedAt}`]);
  expect(found([entered, slipped], [slipped, entered])).toEqual([
    `I6 ada stage: told out of order: slipping at ${slippedAt}`,
  ]);
});
