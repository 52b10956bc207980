import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './world.js';

const sizeMb = 96;

/** A small disk of its own for a world's data. Only root may make one. */
export class Tmpfs implements Disk {
  private constructor(private readonly folder: string) {}

  /** Null where mounting is not allowed. */
  static mount(folder: string): Tmpfs | null {
    mkdirSync(folder, { recursive: true });
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder]);
    return status === 0 ? new Tmpfs(folder) : null;
  }

  /** Takes every byte that is left. */
  async fill(): Promise<void> {
    const file = openSync(join(this.folder, 'ballast'), 'a');
    const piece = Buffer.alloc(64 << 10);
    try {
      for (;;) writeSync(file, piece);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  async free(): Promise<void> {
    rmSync(join(this.folder, 'ballast'), { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.folder]);
  }
}
