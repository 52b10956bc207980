import type { Admin, Kafka } from 'kafkajs';
import type { PartitionEnd } from '#pipeline';
import { within } from './deadline.js';
import { Lifeline } from './lifeline.js';
import type { Client } from './lifeline.js';
import { unavailable } from './unavailable.js';

/**
 * What is asked of the brokers about topics, one question after the other. A kafkajs client holds one picture of the
 * cluster: asked about some topics it draws the picture anew with those alone, and whoever is still reading about others
 * finds them gone.
 */
export class Questions {
  #asking: Promise<unknown> = Promise.resolve();
  #admin: Client<Admin> | null = null;

  constructor(
    private readonly connect: (lifeline: Lifeline) => Kafka,
    /** Nobody waits longer for an answer. */
    private readonly mostWaitMs: number,
  ) {}

  async ends(topics: readonly string[]): Promise<readonly PartitionEnd[]> {
    return this.#ask('read the ends of', async (admin) => {
      const ends: PartitionEnd[] = [];
      for (const topic of topics) {
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
          ends.push({ topic, partition, startOffset: Number(low), endOffset: Number(high) });
      }
      return ends.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition);
    });
  }

  async partitionCount(topic: string): Promise<number> {
    return this.#ask('count the partitions of', async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const count = topics[0]?.partitions.length ?? 0;
      // Whoever tells every partition of none would tell nobody, and believe to have told all.
      if (count === 0) throw new Error('the brokers know no partition of it');
      return count;
    });
  }

  async close(): Promise<void> {
    const open = this.#admin;
    this.#admin = null;
    await open?.connected.then((admin) => admin.disconnect());
  }

  #ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + this.mostWaitMs;
    const answer = this.#asking.then(() => this.#askNow(what, question, giveUpAt));
    this.#asking = answer.catch(() => undefined);
    return answer;
  }

  async #askNow<T>(what: string, question: (admin: Admin) => Promise<T>, giveUpAt: number): Promise<T> {
    const leftMs = giveUpAt - performance.now();
    // Whoever stood behind a question that found no answer is told so, and costs the next one nothing.
    if (leftMs <= 0) throw unavailable(what, [], new Error('others waited in vain'));
    const asked = (this.#admin ??= this.#connectAdmin());
    try {
      return await within(leftMs, 'an answer', asked.connected.then(question));
    } catch (cause) {
      if (this.#admin === asked) this.#admin = null;
      asked.lifeline.cut();
      void asked.connected.then((old) => old.disconnect()).catch(() => {});
      throw unavailable(what, [], cause);
    }
  }

  #connectAdmin(): Client<Admin> {
    const lifeline = new Lifeline();
    const admin = this.connect(lifeline).admin();
    return { connected: admin.connect().then(() => admin), lifeline };
  }
}
