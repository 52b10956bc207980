import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ChurnError } from '#domain';
import type { Fence } from '#pipeline';
import { query } from './query.js';
import type { Store } from './store.js';

export const fenceHolder = query({
  name: 'fence-holder',
  about:
    'Who holds something that has one owner at a time: the greatest generation, and of two equal ones the greater owner.',
  sql: `SELECT generation, owner FROM $db.fence_v1 WHERE resource = {resource:String}
ORDER BY generation DESC, owner DESC LIMIT 1`,
  params: z.object({ resource: z.string() }),
  row: z.object({ generation: z.number(), owner: z.string() }),
});

/**
 * Takes `resource` from whoever holds it. From the moment this returns their writes are refused; what they had
 * written before can be read, so read it only now.
 */
export async function takeFence(store: Store, resource: string): Promise<Fence> {
  for (;;) {
    const [before] = await store.rows(fenceHolder, { resource });
    const fence: Fence = { resource, generation: (before?.generation ?? 0) + 1, owner: randomUUID() };
    await write(store, fence);
    // Somebody else may have taken the same generation at the same time, and stand above us by its name.
    if (await holds(store, fence)) return fence;
  }
}

export async function holds(store: Store, fence: Fence): Promise<boolean> {
  const [holder] = await store.rows(fenceHolder, { resource: fence.resource });
  return holder?.generation === fence.generation && holder.owner === fence.owner;
}

/**
 * Puts a newer fence in the place of one that we hold, so that what was written under the old one and is still on its way
 * is refused. A renewal is known by its `!`, which stands before any name that a takeover makes up: of two of the same
 * generation the takeover holds.
 */
export async function renewFence(store: Store, fence: Fence): Promise<Fence> {
  const [holder] = await store.rows(fenceHolder, { resource: fence.resource });
  // A renewal of ours whose answer was lost is ours all the same.
  if (holder === undefined || nameOf(holder.owner) !== nameOf(fence.owner)) throw fenced(fence.resource);
  const next: Fence = { ...fence, generation: holder.generation + 1, owner: `!${nameOf(fence.owner)}` };
  await write(store, next);
  await mustHold(store, next);
  return next;
}

const nameOf = (owner: string): string => owner.replace('!', '');

async function write(store: Store, { resource, generation, owner }: Fence): Promise<void> {
  const columns = ['resource', 'generation', 'owner', 'taken_at'];
  await store.insert('fence_v1', columns, [[resource, generation, owner, Date.now()]]);
}

/** For a step that writes no row which a door could refuse. */
export async function mustHold(store: Store, fence: Fence): Promise<void> {
  if (!(await holds(store, fence))) throw fenced(fence.resource);
}

export const fenced = (what: string, cause?: unknown): ChurnError =>
  new ChurnError('FENCED', `${what}: somebody else has taken over`, { cause });
