import { Liquid } from 'liquidjs';
import type { MailboxEntry, MailboxMail } from '#channels';
import type { Locale } from '#domain';

const words = {
  en: {
    lang: 'en',
    title: 'Mailbox',
    about: 'No mail server is set, so alert mails stay here. Set SMTP_URL to send them.',
    empty: 'Nothing has arrived yet. The first alert will show up here.',
    to: 'To',
    arrived: 'Arrived',
    back: 'All mails',
    plain: 'Text part',
    other: '中文',
    otherLang: 'zh',
  },
  zh: {
    lang: 'zh-CN',
    title: '本地邮箱',
    about: '尚未设置邮件服务器，告警邮件保存在这里。设置 SMTP_URL 后即可外发。',
    empty: '暂无邮件。第一条告警会显示在这里。',
    to: '收件人',
    arrived: '到达时间',
    back: '全部邮件',
    plain: '纯文本部分',
    other: 'English',
    otherLang: 'en',
  },
} as const satisfies Record<Locale, unknown>;

const style = `
body{margin:0;background:#f3f4f1;color:#1f2723;font:15px/1.55 -apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}
main{max-width:760px;margin:0 auto;padding:28px 16px 48px}
header{display:flex;justify-content:space-between;align-items:baseline;gap:16px}
h1{font-size:22px;margin:0 0 4px;overflow-wrap:anywhere}
a{color:#1d6b4f}
p,.meta{color:#56645c;margin:0 0 18px}
ol{list-style:none;margin:0;padding:0;background:#fff;border:1px solid #dfe2da;border-radius:10px;overflow:hidden}
li+li{border-top:1px solid #e8ebe4}
li a{display:block;padding:13px 18px;text-decoration:none;color:inherit;overflow-wrap:anywhere}
li a:hover,li a:focus{background:#eef5f0}
li strong{display:block;font-weight:600}
li span{color:#6d7a72;font-size:13px}
iframe{width:100%;height:72vh;border:1px solid #dfe2da;border-radius:10px;background:#fff}
summary{cursor:pointer;margin:18px 0 8px;color:#1d6b4f}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#fff;border:1px solid #dfe2da;border-radius:10px;padding:16px 18px;margin:0}
`;
const head = `<!doctype html>
<html lang="{{ words.lang }}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title><style>${style}</style></head><body><main>`;

const liquid = new Liquid({ outputEscape: 'escape', strictVariables: true, strictFilters: true, templates: {} });
const listTemplate = liquid.parse(`${head}
<header><h1>{{ words.title }}</h1><a href="/mailbox?lang={{ words.otherLang }}">{{ words.other }}</a></header>
<p>{{ words.about }}</p>
{% if mails.size == 0 %}<p>{{ words.empty }}</p>{% else %}<ol>
{%- for mail in mails %}
<li><a href="/mailbox/{{ mail.id }}?lang={{ lang }}"><strong>{{ mail.subject }}</strong><span>{{ words.to }} {{ mail.to }} &middot; {{ mail.arrived }}</span></a></li>
{%- endfor %}
</ol>{% endif %}
</main></body></html>
`);
// The mail is somebody else's text even here: a frame without scripts, forms or an origin shows it. Popups let its link
// to the console open.
const mailTemplate = liquid.parse(`${head}
<header><a href="/mailbox?lang={{ lang }}">{{ words.back }}</a><a href="/mailbox/{{ mail.id }}?lang={{ words.otherLang }}">{{ words.other }}</a></header>
<h1>{{ mail.subject }}</h1>
<div class="meta">{{ words.to }} {{ mail.to }} &middot; {{ words.arrived }} {{ mail.arrived }}</div>
{% if mail.html != '' %}<iframe title="{{ mail.subject }}" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" srcdoc="{{ mail.html }}"></iframe>
<details><summary>{{ words.plain }}</summary><pre>{{ mail.text }}</pre></details>{% else %}<pre>{{ mail.text }}</pre>{% endif %}
</main></body></html>
`);

/** Nothing is loaded from anywhere and nothing runs, whatever a mail says. */
export const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function mailboxPage(mails: readonly MailboxEntry[], lang: Locale): string {
  const shown = mails.map((mail) => ({ ...mail, arrived: arrived(mail, lang) }));
  return String(liquid.renderSync(listTemplate, { title: words[lang].title, words: words[lang], lang, mails: shown }));
}

export function mailPage(mail: MailboxMail, lang: Locale): string {
  const shown = { ...mail, arrived: arrived(mail, lang) };
  return String(liquid.renderSync(mailTemplate, { title: mail.subject, words: words[lang], lang, mail: shown }));
}

const arrived = (mail: MailboxEntry, lang: Locale): string =>
  `${mail.arrivedAt.toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })} UTC`;

/** The language asked for, else the first of the browser's that is spoken here, else the house's. */
export function localeFor(asked: string | undefined, accepted: string | undefined, otherwise: Locale): Locale {
  const wanted = [asked ?? '', ...(accepted ?? '').split(',')].map((tag) => tag.trim().slice(0, 2).toLowerCase());
  return wanted.find((tag): tag is Locale => tag === 'en' || tag === 'zh') ?? otherwise;
}
