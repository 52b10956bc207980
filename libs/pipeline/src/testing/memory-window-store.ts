import type { ActivityEvent } from '#domain';
import type { Chunk, WindowStore } from '../ports/window-store.js';

/** Where a store may fail: before it did anything, or after, when only the answer is lost. */
export type WindowStep = 'plan' | 'planned' | 'fold' | 'folded';

const tokenOf = (chunk: Chunk): string =>
  `${chunk.topic}:${chunk.epoch}:${chunk.partition}:${chunk.firstOffset}-${chunk.lastOffset}`;

/** Windows in memory: drops a repeated chunk as the engine does, but is loud about one that comes with other rows. */
export class MemoryWindowStore implements WindowStore {
  readonly plans: Chunk[] = [];
  readonly events: ActivityEvent[] = [];
  /** Every chunk it was asked to fold, repeats too: "first-last". */
  readonly asked: string[] = [];
  /** Throw here to have the step fail. */
  onStep: (step: WindowStep) => void = () => {};
  readonly #rows = new Map<string, string>();

  async plan(chunk: Chunk): Promise<void> {
    this.onStep('plan');
    this.plans.push(chunk);
    this.onStep('planned');
  }

  async lastPlan(topic: string, partition: number): Promise<Chunk | null> {
    const own = this.plans.filter((plan) => plan.topic === topic && plan.partition === partition);
    return own.toSorted((a, b) => a.firstOffset - b.firstOffset).at(-1) ?? null;
  }

  async fold(chunk: Chunk, events: readonly ActivityEvent[]): Promise<void> {
    this.asked.push(`${chunk.firstOffset}-${chunk.lastOffset}`);
    this.onStep('fold');
    const token = tokenOf(chunk);
    const rows = JSON.stringify(events);
    if (this.takes(token, rows)) this.events.push(...events);
    this.onStep('folded');
  }

  protected takes(token: string, rows: string): boolean {
    const before = this.#rows.get(token);
    if (before !== undefined && before !== rows) throw new TypeError(`the chunk ${token} came again with other rows`);
    this.#rows.set(token, rows);
    return before === undefined;
  }
}
