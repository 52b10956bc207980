import { SingleBar } from 'cli-progress';
import type { EpochMs } from '#domain';
import type { Tally } from './tally.js';
import { dayOf } from './replay.js';

const lineEveryMs = 5_000;

/** Progress for a person: a bar on a terminal, a line now and then in a log file. */
export class ReplayBar {
  private readonly bar: SingleBar | null;
  private saidAt = 0;

  constructor(
    private readonly total: number,
    private readonly tally: Tally,
  ) {
    this.bar = process.stdout.isTTY
      ? new SingleBar({
          format: '{day} [{bar}] {percentage}%  {value}/{total} events  {raised} flags raised  {delivered} delivered',
          hideCursor: true,
        })
      : null;
    this.bar?.start(total, 0, { day: '', raised: 0, delivered: 0 });
  }

  show(done: number, at: EpochMs): void {
    const { raisedTotal: raised, deliveredTotal: delivered } = this.tally;
    const day = dayOf(at);
    this.bar?.update(done, { day, raised, delivered });
    if (this.bar !== null || performance.now() - this.saidAt < lineEveryMs) return;
    this.saidAt = performance.now();
    process.stdout.write(`${day}  ${done}/${this.total} events, ${raised} flags raised, ${delivered} delivered\n`);
  }

  stop(): void {
    this.bar?.stop();
  }
}
