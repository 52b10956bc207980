import { Liquid } from 'liquidjs';
import type { Alert, AlertId, EpochMs, Locale, Reason, Signal } from '#domain';
import { formatNumber } from '#pipeline';
import type { AlertPage } from './templates/alert.js';
import { htmlTemplate, textTemplate } from './templates/alert.js';
import { retractionHtmlTemplate, retractionTextTemplate } from './templates/retraction.js';
import type { Wording } from './templates/wording.js';
import { wordings } from './templates/wording.js';

export interface MailStyle {
  readonly locale: Locale;
  /** `Name <address>`. */
  readonly from: string;
  /** Unset: the playbook's owner. */
  readonly to: readonly string[] | undefined;
  readonly publicUrl: string;
  /** They name and explain the evidence. */
  readonly signals: readonly Signal[];
  /** They say what an alert's reason means. */
  readonly reasons: readonly Reason[];
}

export interface Mail {
  /** The same on every re-send, so that mail programs and people recognise the copy. */
  readonly messageId: string;
  /** The mail of the alert that this one withdraws: programs show both in one thread. */
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

const strict = { strictFilters: true, strictVariables: true, ownPropertyOnly: true, templates: {} };
const plain = new Liquid(strict);
const escaping = new Liquid({ ...strict, outputEscape: 'escape' });
const [textPart, htmlPart] = [plain.parse(textTemplate), escaping.parse(htmlTemplate)];
const [retractionTextPart, retractionHtmlPart] = [
  plain.parse(retractionTextTemplate),
  escaping.parse(retractionHtmlTemplate),
];
const isRetraction = (alert: Alert): boolean => alert.kind === 'retraction';

/** What a person needs to read about an alert. Pure. */
export function compose(alert: Alert, style: MailStyle): Mail {
  const page = pageOf(alert, style);
  const messageIdOf = (id: AlertId): string => `<${id}@${domainOf(style.from)}>`;
  const { retracts } = alert;
  const thread = retracts === null ? {} : { inReplyTo: messageIdOf(retracts), references: messageIdOf(retracts) };
  return {
    messageId: messageIdOf(alert.id),
    ...thread,
    from: style.from,
    to: style.to ?? [alert.playbook.owner],
    subject: shortened(`${page.title}${page.words['colon']}${page.customer} – ${page.text}`, 160),
    text: String(plain.renderSync(isRetraction(alert) ? retractionTextPart : textPart, page)),
    html: String(escaping.renderSync(isRetraction(alert) ? retractionHtmlPart : htmlPart, page)),
    headers: {
      // Out-of-office answers to a machine help nobody (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      'Content-Language': page.lang,
      'X-Churnwatch-Alert': alert.id,
      ...(retracts === null ? {} : { 'X-Churnwatch-Retracts': retracts }),
    },
  };
}

function pageOf(alert: Alert, { locale, publicUrl, signals, reasons }: MailStyle): AlertPage {
  const words = wordings[locale];
  const { severity, ...labels } = words;
  const reason = reasons.find(({ code }) => code === alert.reason);
  return {
    lang: locale === 'zh' ? 'zh-CN' : 'en',
    words: labels,
    severity: severity[alert.severity],
    tone: alert.severity,
    title: oneLine(alert.title[locale]),
    text: oneLine(isRetraction(alert) ? words.notSo : alert.text[locale]),
    customer: shortened(oneLine(alert.customer), 120),
    link: `${publicUrl.replace(/\/+$/, '')}/#/customers/${encodeURIComponent(wellFormed(alert.customer))}`,
    playbook: {
      title: oneLine(alert.playbook.title[locale]),
      action: oneLine(alert.playbook.action[locale]),
      owner: oneLine(alert.playbook.owner),
      due: instantText(alert.playbook.dueAt, locale),
    },
    evidence: Object.entries(alert.evidence).map(([name, value]) => rowOf(name, value, locale, signals, words)),
    becameDue: instantText(alert.becameDueAt, locale),
    detected: instantText(alert.detectedAt, locale),
    rule: `${oneLine(alert.rule)} (${shortened(oneLine(alert.ruleVersion), 12)})`,
    // An alert may be older than the pack in force, which no longer knows its reason.
    reason: oneLine(reason === undefined ? alert.reason : `${reason.title[locale]} (${reason.code})`),
    id: alert.id,
    retracts: alert.retracts ?? '',
  };
}

function rowOf(
  name: string,
  value: number | null,
  locale: Locale,
  signals: readonly Signal[],
  words: Wording,
): AlertPage['evidence'][number] {
  const signal = signals.find((one) => one.name === name);
  const unit = signal?.unit === 'days' && value !== null ? ` ${words.days}` : '';
  return { label: oneLine(signal?.description[locale] ?? name), value: `${formatNumber(value)}${unit}` };
}

const formats: Readonly<Record<Locale, Intl.DateTimeFormat>> = {
  en: dateFormat('en-GB'),
  zh: dateFormat('zh-CN'),
};
function dateFormat(tag: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(tag, {
    dateStyle: 'long',
    timeStyle: 'medium',
    hourCycle: 'h23',
    timeZone: 'UTC',
  });
}
/** UTC and says so: readers and customers sit in many zones. */
const instantText = (at: EpochMs, locale: Locale): string => `${formats[locale].format(at)} UTC`;

// A line break would start a new header, a bidi mark would turn the line around for the reader.
const oneLine = (text: string): string =>
  wellFormed(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

const shortened = (text: string, most: number): string => {
  const points = [...text];
  return points.length <= most ? text : `${points.slice(0, most - 1).join('')}…`;
};

const domainOf = (from: string): string => /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'churnwatch.invalid';
