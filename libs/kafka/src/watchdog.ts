import type { KafkaSettings } from '#platform';
import { connectKafka } from './connect.js';

/** Says when a consumer that shows no sign of life has something to read: it has stopped, and a restart helps. */
export class Watchdog {
  #lastSignAt = performance.now();

  constructor(
    private readonly settings: KafkaSettings,
    private readonly groupId: string,
    private readonly topics: readonly string[],
    private readonly silentMs: number,
  ) {}

  signOfLife(): void {
    this.#lastSignAt = performance.now();
  }

  get isSilent(): boolean {
    return this.#silentForMs >= this.silentMs;
  }

  get #silentForMs(): number {
    return performance.now() - this.#lastSignAt;
  }

  get lookEveryMs(): number {
    return Math.min(this.silentMs / 4, 5_000);
  }

  /** `patienceMs`: what there is a good reason to be silent for. kafkajs has stopped fetching for good now and then (tulios/kafkajs#267, #659). */
  async finds(patienceMs: number): Promise<boolean> {
    if (this.#silentForMs < this.silentMs + patienceMs) return false;
    this.signOfLife();
    // When the brokers cannot be asked, they are the reason for the silence, and a restart would only lose the membership.
    return this.#lags().catch(() => false);
  }

  async #lags(): Promise<boolean> {
    const admin = connectKafka(this.settings, { warn: () => {}, retry: { retries: 1 } }).admin();
    try {
      await admin.connect();
      const committed = await admin.fetchOffsets({ groupId: this.groupId, topics: [...this.topics] });
      for (const { topic, partitions } of committed) {
        const ends = await admin.fetchTopicOffsets(topic);
        const isBehind = ({ partition, offset }: { partition: number; offset: string }): boolean =>
          Number(ends.find((end) => end.partition === partition)?.high ?? 0) > Math.max(0, Number(offset));
        if (partitions.some(isBehind)) return true;
      }
      return false;
    } finally {
      await admin.disconnect();
    }
  }
}
