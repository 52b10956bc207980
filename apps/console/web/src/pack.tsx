import { createContext } from 'preact';
import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import type { PackAnswer } from '#contracts';
import type { Severity } from '#domain';
import { usePoll } from './live/poll.js';
import { useLanguage } from './texts/language.js';

const packEveryMs = 60_000;

type Signal = PackAnswer['signals'][number];
type Rule = PackAnswer['rules'][number];
type Reason = PackAnswer['reasons'][number];

interface PackNames {
  readonly pack: PackAnswer | null;
  readonly rule: (id: string) => Rule | undefined;
  readonly signal: (name: string) => Signal | undefined;
  readonly reason: (code: string) => Reason | undefined;
}

const PackContext = createContext<PackNames | null>(null);

/** What rules, signals and reasons are called. Until the pack is known everything goes by its id. */
export function usePack(): PackNames {
  const names = useContext(PackContext);
  if (!names) throw new Error('outside PackProvider');
  return names;
}

export function PackProvider({ children }: { children: ComponentChildren }) {
  const { value: pack } = usePoll<PackAnswer>('v1/pack', packEveryMs);
  const { suggest } = useLanguage();
  useEffect(() => {
    if (pack) suggest(pack.locale);
  }, [pack, suggest]);
  const names = useMemo<PackNames>(() => {
    const rules = new Map(pack?.rules.map((rule) => [rule.id, rule]));
    const signals = new Map(pack?.signals.map((signal) => [signal.name, signal]));
    const reasons = new Map(pack?.reasons.map((reason) => [reason.code, reason]));
    return {
      pack,
      rule: (id) => rules.get(id),
      signal: (name) => signals.get(name),
      reason: (code) => reasons.get(code),
    };
  }, [pack]);
  return <PackContext.Provider value={names}>{children}</PackContext.Provider>;
}

interface RuleName {
  readonly title: string;
  readonly severity: Severity | null;
  /** Why it raises no alert. */
  readonly muted: string | null;
}

export function useRuleName(): (id: string) => RuleName {
  const { rule } = usePack();
  const { say } = useLanguage();
  return (id) => {
    const known = rule(id);
    const muted = known?.muted ? say(known.muted) : null;
    return { title: known ? say(known.title) : id, severity: known?.severity ?? null, muted };
  };
}
