import { useEffect, useState } from 'preact/hooks';
import { ask } from './api.js';
import type { Answer } from './api.js';
import { pollAnswered, pollEnded, pollFailed, pollStarted } from './connection.js';

/** What is shown of one path: the last value stays while later questions fail. */
export interface Live<T> {
  readonly value: T | null;
  readonly missing: boolean;
  readonly refused: string | null;
}

const nothingYet = { value: null, missing: false, refused: null } as const;

/** How often what is on the screen is asked for. */
export const livelyMs = 2_000;

/** Asks for `path` again `everyMs` after each answer, and not at all while the tab is hidden. */
export function usePoll<T>(path: string, everyMs: number = livelyMs): Live<T> {
  const [state, setState] = useState<{ path: string; live: Live<T> }>({ path, live: nothingYet });

  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    pollStarted(path, everyMs <= livelyMs);

    const round = async (): Promise<void> => {
      clearTimeout(timer);
      if (asking || document.hidden) return;
      asking = true;
      const answer = await ask<T>(path, ended.signal);
      asking = false;
      if (ended.signal.aborted) return;
      if (answer.kind === 'away') pollFailed(path, answer.detail);
      else {
        pollAnswered(path);
        setState((before) => ({ path, live: shown(answer, before.path === path ? before.live : nothingYet) }));
      }
      timer = setTimeout(round, answer.kind === 'away' ? Math.min(everyMs, livelyMs) : everyMs);
    };
    const onVisibility = () => void round();
    document.addEventListener('visibilitychange', onVisibility);
    void round();
    return () => {
      ended.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
      pollEnded(path);
    };
  }, [path, everyMs]);

  // A new path must not show the old path's value, not even for one frame.
  return state.path === path ? state.live : nothingYet;
}

function shown<T>(answer: Exclude<Answer<T>, { kind: 'away' }>, before: Live<T>): Live<T> {
  switch (answer.kind) {
    case 'value':
      return { ...nothingYet, value: answer.value };
    case 'missing':
      return { ...nothingYet, missing: true };
    case 'refused':
      return { ...before, refused: answer.detail };
  }
}
