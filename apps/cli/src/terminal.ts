import { SingleBar } from 'cli-progress';

export interface ProgressBar {
  /** `done` of the total given at the start; `note` stands behind the bar. */
  advance(done: number, note: string): void;
  end(): void;
}

/** Where a command writes: the process's streams, or a list in a spec. */
export interface Terminal {
  say(line: string): void;
  bar(label: string, total: number): ProgressBar;
}

/** A bar is drawn only for eyes: in a pipe or a log file it would be rubbish. */
export function processTerminal(): Terminal {
  return {
    say: (line) => void process.stdout.write(`${line}\n`),
    bar(label, total) {
      if (!process.stderr.isTTY) return { advance: () => {}, end: () => {} };
      const bar = new SingleBar({
        format: `${label} [{bar}] {percentage}% {note}`,
        stream: process.stderr,
        hideCursor: true,
      });
      bar.start(Math.max(total, 1), 0, { note: '' });
      return { advance: (done, note) => bar.update(Math.min(done, total), { note }), end: () => bar.stop() };
    },
  };
}
