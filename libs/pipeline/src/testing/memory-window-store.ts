import type { ActivityEvent } from '#domain';
import { ChurnError } from '#domain';
import type { Fence } from '../ports/fence.js';
import { fenceText } from '../ports/fence.js';
import type { Chunk, Extent, Plan, WindowStore } from '../ports/window-store.js';

/** Where a store may fail or be held up: before it did anything, or after, when only the answer is lost. */
export type WindowStep = 'takeOver' | 'takenOver' | 'plan' | 'planned' | 'fold' | 'folded';

const tokenOf = (chunk: Chunk): string =>
  `${chunk.topic}:${chunk.epoch}:${chunk.partition}:${chunk.firstOffset}-${chunk.lastOffset}`;

/** Windows in memory: drops a repeated chunk as the engine does, but is loud about one that comes with other rows. */
export class MemoryWindowStore implements WindowStore {
  readonly plans: (Plan & { readonly generation: number })[] = [];
  readonly events: ActivityEvent[] = [];
  /** Every chunk it was asked to fold, repeats too: "first-last", and "@epoch" after the first. */
  readonly asked: string[] = [];
  /** Throw here, or answer late, to have the step fail or wait. */
  onStep: (step: WindowStep) => unknown = () => {};
  /** True: a repeated chunk may come with fewer rows, as when the log has lost some of it. */
  logForgets = false;
  readonly #rows = new Map<string, string>();
  readonly #holders = new Map<string, Fence>();

  async takeOver(topic: string, partition: number): Promise<Fence> {
    await this.onStep('takeOver');
    const resource = `${topic}/${partition}`;
    const generation = (this.#holders.get(resource)?.generation ?? 0) + 1;
    const fence = { resource, generation, owner: `owner ${generation}` };
    this.#holders.set(resource, fence);
    await this.onStep('takenOver');
    return fence;
  }

  async plan(plan: Plan, { generation }: Fence): Promise<void> {
    await this.onStep('plan');
    this.plans.push({ ...plan, generation });
    await this.onStep('planned');
  }

  async lastPlan(topic: string, partition: number): Promise<Plan | null> {
    const own = this.plans.filter((plan) => plan.topic === topic && plan.partition === partition);
    return own.toSorted(later).at(-1) ?? null;
  }

  async plansBefore(chunk: Chunk, { startOffset, endOffset }: Extent): Promise<readonly Plan[]> {
    const before = this.plans
      .filter((plan) => plan.topic === chunk.topic && plan.partition === chunk.partition && plan.epoch === chunk.epoch)
      .filter((plan) => plan.firstOffset >= startOffset && plan.lastOffset < Math.min(chunk.firstOffset, endOffset))
      .toSorted((a, b) => b.firstOffset - a.firstOffset);
    const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;
    return before.filter((_, index) => isPowerOfTwo(index + 1) || index === before.length - 1);
  }

  async fold(chunk: Chunk, events: readonly ActivityEvent[], fence: Fence): Promise<void> {
    this.asked.push(`${chunk.firstOffset}-${chunk.lastOffset}${chunk.epoch === 0 ? '' : `@${chunk.epoch}`}`);
    await this.onStep('fold');
    if (!this.holds(fence)) throw new ChurnError('FENCED', `${fence.resource}: somebody else has taken over`);
    if (this.takes(tokenOf(chunk), events.map((event) => JSON.stringify(event)).join('\n')))
      this.events.push(...events);
    await this.onStep('folded');
  }

  protected holds(fence: Fence): boolean {
    const holder = this.#holders.get(fence.resource);
    return holder !== undefined && fenceText(holder) === fenceText(fence);
  }

  protected takes(token: string, rows: string): boolean {
    const before = this.#rows.get(token);
    const isSame = before === undefined || before === rows || (this.logForgets && isPartOf(rows, before));
    if (!isSame) throw new TypeError(`the chunk ${token} came again with other rows`);
    this.#rows.set(token, before ?? rows);
    return before === undefined;
  }
}

const later = (a: MemoryWindowStore['plans'][number], b: MemoryWindowStore['plans'][number]): number =>
  a.epoch - b.epoch || a.generation - b.generation || a.firstOffset - b.firstOffset;

const isPartOf = (rows: string, whole: string): boolean => {
  const all = new Set(whole.split('\n'));
  return rows.split('\n').every((row) => row === '' || all.has(row));
};
