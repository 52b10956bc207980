import type { Clock, EpochMs } from '#domain';

/** Calls somebody at an instant of the clock, never before `at` has returned. */
export interface Scheduler {
  /** Answers with a way to call it off. */
  at(instant: EpochMs, task: () => void): () => void;
}

/** The longest a timer sleeps before it looks at the clock again: a replay's clock runs faster than the wall's. */
const longestNapMs = 250;

/** Real timers under any clock. They never keep a process alive. */
export function schedulerOf(clock: Clock): Scheduler {
  return {
    at(instant, task) {
      let timer: NodeJS.Timeout;
      const sleep = (): void => {
        timer = setTimeout(wake, Math.min(Math.max(instant - clock.now(), 0), longestNapMs)).unref();
      };
      const wake = (): void => (clock.now() >= instant ? task() : sleep());
      sleep();
      return () => clearTimeout(timer);
    },
  };
}
