import { useEffect, useState } from 'preact/hooks';

/** How the polls now running fare; the shell shows it once for the whole page. */
export interface Connection {
  /** Wall-clock instant of the oldest answer among the running polls; null until each has answered. */
  readonly answeredAt: number | null;
  /** What the first failing poll said; null while all is well. */
  readonly failure: string | null;
}

interface PollState {
  /** False: a slow poll of things that hardly change, whose age says nothing about what is shown. */
  readonly measured: boolean;
  answeredAt: number | null;
  failure: string | null;
}

const polls = new Map<string, PollState>();
const listeners = new Set<() => void>();

export function pollStarted(path: string, measured: boolean): void {
  polls.set(path, { measured, answeredAt: null, failure: null });
  tell();
}
export function pollEnded(path: string): void {
  polls.delete(path);
  tell();
}
export function pollAnswered(path: string): void {
  const poll = polls.get(path);
  if (!poll) return;
  poll.answeredAt = Date.now();
  poll.failure = null;
  tell();
}
export function pollFailed(path: string, detail: string): void {
  const poll = polls.get(path);
  if (!poll) return;
  poll.failure = detail;
  tell();
}

export function useConnection(): Connection {
  const [connection, setConnection] = useState(current);
  useEffect(() => {
    const follow = () => setConnection(current());
    listeners.add(follow);
    follow();
    return () => void listeners.delete(follow);
  }, []);
  return connection;
}

function current(): Connection {
  const states = [...polls.values()];
  const answers = states.filter((state) => state.measured).map((state) => state.answeredAt);
  return {
    answeredAt: answers.length === 0 || answers.includes(null) ? null : Math.min(...(answers as number[])),
    failure: states.find((state) => state.failure !== null)?.failure ?? null,
  };
}

function tell(): void {
  for (const listener of listeners) listener();
}
