import { join } from 'node:path';
import type { RoleName } from '../../apps/standalone/src/start-roles.js';
import type { CrashPlan } from './messages.js';
import { Member } from './member.js';
import type { Death, WarmPool } from './member.js';
import type { RawRecord } from './messages.js';

export interface SlotSettings {
  readonly name: string;
  readonly roles: readonly RoleName[];
  readonly env: Readonly<Record<string, string>>;
}

/** A place in a world that a process fills; when it dies the next one follows at once. */
export class Slot {
  member: Member | null = null;
  /** Armed in the next process from its first breath. */
  crashAtBoot: CrashPlan | null = null;
  private lives = 0;
  private wanted = false;
  skewMs = 0;
  bootMs: number[] = [];
  lastFailure: string | null = null;

  constructor(
    readonly settings: SlotSettings,
    private readonly parts: WorldParts,
    private readonly onDeath: (slot: Slot, death: Death) => void,
  ) {}

  get name(): string {
    return this.settings.name;
  }

  start(): void {
    this.wanted = true;
    this.live();
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.wanted = false;
    await this.member?.end(signal);
  }

  /** Nobody takes a dead one's place until what this answers is called. */
  held(): () => void {
    this.wanted = false;
    return () => this.start();
  }

  private live(): void {
    const { folder, clockFile, switches, pool } = this.parts;
    const { name, roles, env } = this.settings;
    const startedAt = performance.now();
    const member = new Member(name, pool.take(), {
      roles,
      env,
      clockFile,
      skewMs: this.skewMs,
      deathsFile: join(folder, `${name}.${this.lives++}.death`),
      logFile: join(folder, `${name}.log`),
      crash: this.crashAtBoot,
      switches,
    });
    this.crashAtBoot = null;
    this.member = member;
    void member.started.then((ok) => {
      if (ok) this.bootMs.push(performance.now() - startedAt);
    });
    void member.gone.then((death) => {
      if (member.failure !== null) this.lastFailure = member.failure;
      if (!this.wanted) return;
      this.onDeath(this, death);
      // One that failed on its own gets a moment, as an orchestrator would give it.
      if (member.failure === null) this.live();
      else setTimeout(() => this.wanted && this.live(), 300);
    });
  }
}

export interface WorldParts {
  readonly folder: string;
  readonly clockFile: string;
  readonly switches: readonly string[];
  readonly pool: WarmPool;
}

export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** A running Churnwatch that can be broken. */
export interface World {
  readonly kind: 'embedded' | 'kafka';
  readonly slots: readonly Slot[];
  /** Where producers send to now. */
  readonly url: string;
  readonly store: { readonly path: string } | { readonly url: string };
  readonly brokers: string | null;
  start(): Promise<void>;
  /** Up to here everything is decided by whoever is alive; 0 when nobody knows. */
  decidedUpTo(): Promise<number>;
  /** Puts records on a topic past the gateway. True once they are durable. */
  append(topic: string, records: readonly RawRecord[], at: number): Promise<boolean>;
  /** Null when nobody could answer. */
  sql(sql: string): Promise<readonly unknown[] | null>;
  /** Undoes whatever is still broken around the processes. */
  heal(): Promise<void>;
  stop(): Promise<void>;
  /** What the data are on, where it can be filled; null where the machine does not let us. */
  readonly disk: Disk | null;
  /** After the verdict. */
  forget(): Promise<void>;
}
