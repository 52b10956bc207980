/** What both parts of the mail are made of. Everything is text already; the HTML part's engine escapes each value. */
export interface AlertPage {
  readonly lang: string;
  readonly words: Readonly<Record<string, string>>;
  readonly severity: string;
  /** One of `severities`: picks the colour. */
  readonly tone: string;
  readonly title: string;
  readonly text: string;
  readonly customer: string;
  readonly link: string;
  readonly playbook: { readonly title: string; readonly action: string; readonly owner: string; readonly due: string };
  readonly evidence: readonly { readonly label: string; readonly value: string }[];
  readonly becameDue: string;
  readonly detected: string;
  readonly reason: string;
  readonly rule: string;
  readonly id: string;
  /** Id of the alert that is withdrawn; empty unless this is a retraction. */
  readonly retracts: string;
}

export const textTemplate = `{{ title }} ({{ severity }})

{{ words.customer }}{{ words.colon }}{{ customer }}
{{ words.why }}{{ words.colon }}{{ text }}

{{ words.whatToDo }}{{ words.colon }}{{ playbook.title }}
{{ playbook.action }}
{{ words.owner }}{{ words.colon }}{{ playbook.owner }}
{{ words.dueBy }}{{ words.colon }}{{ playbook.due }}

{{ words.open }}
{{ link }}
{% if evidence.size > 0 %}
{{ words.evidence }}
{%- for row in evidence %}
- {{ row.label }}{{ words.colon }}{{ row.value }}
{%- endfor %}
{% endif %}
{{ words.becameDue }}{{ words.colon }}{{ becameDue }}
{{ words.detected }}{{ words.colon }}{{ detected }}
{{ words.reason }}{{ words.colon }}{{ reason }}
{{ words.rule }}{{ words.colon }}{{ rule }}

-- 
{{ words.footer }} {{ id }}
`;

// Tables and inline styles: what mail programs agree on. Nothing is fetched from anywhere.
export const htmlTemplate = `<!doctype html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<title>{{ title }}</title>
</head>
<body style="margin:0;padding:0;background:#f3f4f1;">
<div style="display:none;max-height:0;overflow:hidden;">{{ customer }}{{ words.colon }}{{ text }}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f1;">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="width:100%;max-width:600px;background:#ffffff;border:1px solid #dfe2da;border-radius:10px;font-family:-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#1f2723;font-size:15px;line-height:1.55;">
<tr><td style="padding:22px 28px 0;">
<span style="display:inline-block;padding:1px 10px;border-radius:10px;font-size:12px;font-weight:600;color:#ffffff;background:{% case tone %}{% when 'high' %}#a8321f{% when 'medium' %}#a8660f{% else %}#56645c{% endcase %};">{{ severity }}</span>
<h1 style="margin:10px 0 2px;font-size:21px;line-height:1.3;">{{ title }}</h1>
<div style="color:#56645c;word-break:break-word;">{{ words.customer }} <strong style="color:#1f2723;">{{ customer }}</strong></div>
</td></tr>
<tr><td style="padding:16px 28px 0;">
<div style="font-size:12px;font-weight:600;color:#56645c;">{{ words.why }}</div>
<div style="font-size:17px;word-break:break-word;">{{ text }}</div>
</td></tr>
<tr><td style="padding:18px 28px 0;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#eef5f0;border-left:4px solid #1d6b4f;">
<tr><td style="padding:14px 18px;">
<div style="font-size:12px;font-weight:600;color:#1d6b4f;">{{ words.whatToDo }}</div>
<div style="font-weight:600;">{{ playbook.title }}</div>
<div>{{ playbook.action }}</div>
<div style="margin-top:8px;font-size:13px;color:#56645c;">{{ words.owner }}{{ words.colon }}<strong style="color:#1f2723;">{{ playbook.owner }}</strong><br>{{ words.dueBy }}{{ words.colon }}<strong style="color:#1f2723;">{{ playbook.due }}</strong></div>
</td></tr>
</table>
</td></tr>
<tr><td style="padding:18px 28px 0;">
<a href="{{ link }}" target="_blank" rel="noopener" style="display:inline-block;padding:9px 18px;border-radius:6px;background:#1d6b4f;color:#ffffff;text-decoration:none;font-weight:600;">{{ words.open }}</a>
</td></tr>
{%- if evidence.size > 0 %}
<tr><td style="padding:22px 28px 0;">
<div style="font-size:12px;font-weight:600;color:#56645c;">{{ words.evidence }}</div>
<table width="100%" cellpadding="0" cellspacing="0" style="font-size:14px;border-collapse:collapse;">
{%- for row in evidence %}
<tr><td style="padding:6px 12px 6px 0;border-bottom:1px solid #e8ebe4;">{{ row.label }}</td><td align="right" style="padding:6px 0;border-bottom:1px solid #e8ebe4;white-space:nowrap;font-weight:600;">{{ row.value }}</td></tr>
{%- endfor %}
</table>
</td></tr>
{%- endif %}
<tr><td style="padding:18px 28px 24px;font-size:12px;color:#6d7a72;word-break:break-word;">
{{ words.becameDue }}{{ words.colon }}{{ becameDue }}<br>
{{ words.detected }}{{ words.colon }}{{ detected }}<br>
{{ words.reason }}{{ words.colon }}{{ reason }}<br>
{{ words.rule }}{{ words.colon }}{{ rule }}<br><br>
{{ words.footer }} {{ id }}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
