import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Clock, EpochMs } from '#domain';
import { epochMs } from '#domain';

/**
 * One virtual time for every process of a world, in eight bytes of a file. Whoever sends the events turns it, and never
 * beyond what has been acknowledged: then a customer is silent only when their life says so, and every deviation from the
 * reference is ours.
 */
export class SharedClock implements Clock {
  private readonly file: number;
  private readonly bytes = Buffer.alloc(8);
  private last = 0;

  constructor(
    path: string,
    /** This process reads the clock wrongly by so much. */
    public skewMs = 0,
  ) {
    this.file = openSync(path, 'r');
  }

  now(): EpochMs {
    readSync(this.file, this.bytes, 0, 8, 0);
    const read = this.bytes.readDoubleLE();
    if (read > this.last) this.last = read;
    return epochMs(this.last + this.skewMs);
  }

  close(): void {
    closeSync(this.file);
  }
}

export class ClockHand {
  private readonly file: number;
  private readonly bytes = Buffer.alloc(8);

  constructor(
    path: string,
    public at: number,
  ) {
    this.file = openSync(path, 'w');
    this.turn(at);
  }

  turn(at: number): void {
    this.at = at;
    this.bytes.writeDoubleLE(at);
    writeSync(this.file, this.bytes, 0, 8, 0);
  }

  close(): void {
    closeSync(this.file);
  }
}
