import type { FlagState, Severity, Verdict } from '#domain';
import { usePack } from '../pack.js';
import { customerHref } from '../route.js';
import { useLanguage } from '../texts/language.js';

export function SeverityBadge({ severity }: { severity: Severity | null }) {
  const { t } = useLanguage();
  if (!severity) return null;
  return (
    <span class={`badge severity-${severity}`}>
      <span class="hidden">{t.severity}: </span>
      {t.severities[severity]}
    </span>
  );
}

/** Says that nobody is told, and why. */
export function MutedNote({ why }: { why: string | null }) {
  const { t } = useLanguage();
  if (why === null) return null;
  return (
    <>
      <span class="badge">{t.muted}</span> <small>{why}</small>
    </>
  );
}

export function StateBadge({ state }: { state: FlagState }) {
  const { t } = useLanguage();
  return <span class={`badge state-${state}`}>{t.flagStates[state]}</span>;
}

export function VerdictWords({ verdict }: { verdict: Verdict }) {
  const { t } = useLanguage();
  return <span class={`verdict verdict-${verdict}`}>{t.verdicts[verdict]}</span>;
}

/** What a reason means and what it is about. */
export function ReasonWords({ code }: { code: string }) {
  const { t, say } = useLanguage();
  const known = usePack().reason(code);
  if (!known) return <code>{code}</code>;
  return (
    <span title={code}>
      {say(known.title)} <span class="quiet">{t.reasonKinds[known.kind]}</span>
    </span>
  );
}

export function CustomerLink({ customer }: { customer: string }) {
  return (
    <a class="customer" href={customerHref(customer)}>
      {customer}
    </a>
  );
}

export function Instant({ at }: { at: string }) {
  const { format } = useLanguage();
  return (
    <time dateTime={at} title={at}>
      {format.minute(at)}
    </time>
  );
}
