/** What both parts of a mail that withdraws an alert are made of: the same page, with less to say. */
export const retractionTextTemplate = `{{ title }}

{{ words.customer }}{{ words.colon }}{{ customer }}
{{ words.whatHappened }}{{ words.colon }}{{ words.lateNews }}

{{ words.stopIt }}{{ words.colon }}{{ words.stopItAction }}
{{ words.owner }}{{ words.colon }}{{ playbook.owner }}

{{ words.open }}
{{ link }}

{{ words.becameDue }}{{ words.colon }}{{ becameDue }}
{{ words.detected }}{{ words.colon }}{{ detected }}
{{ words.reason }}{{ words.colon }}{{ reason }}
{{ words.rule }}{{ words.colon }}{{ rule }}
{{ words.withdrawnAlert }}{{ words.colon }}{{ retracts }}

-- 
{{ words.retractionFooter }} {{ id }}
`;

export const retractionHtmlTemplate = `<!doctype html>
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
<h1 style="margin:0 0 2px;font-size:21px;line-height:1.3;">{{ title }}</h1>
<div style="color:#56645c;word-break:break-word;">{{ words.customer }} <strong style="color:#1f2723;">{{ customer }}</strong></div>
</td></tr>
<tr><td style="padding:16px 28px 0;">
<div style="font-size:12px;font-weight:600;color:#56645c;">{{ words.whatHappened }}</div>
<div style="font-size:17px;">{{ words.lateNews }}</div>
</td></tr>
<tr><td style="padding:18px 28px 0;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f1;border-left:4px solid #56645c;">
<tr><td style="padding:14px 18px;">
<div style="font-size:12px;font-weight:600;color:#56645c;">{{ words.stopIt }}</div>
<div>{{ words.stopItAction }}</div>
<div style="margin-top:8px;font-size:13px;color:#56645c;">{{ words.owner }}{{ words.colon }}<strong style="color:#1f2723;">{{ playbook.owner }}</strong></div>
</td></tr>
</table>
</td></tr>
<tr><td style="padding:18px 28px 0;">
<a href="{{ link }}" target="_blank" rel="noopener" style="display:inline-block;padding:9px 18px;border-radius:6px;background:#1d6b4f;color:#ffffff;text-decoration:none;font-weight:600;">{{ words.open }}</a>
</td></tr>
<tr><td style="padding:18px 28px 24px;font-size:12px;color:#6d7a72;word-break:break-word;">
{{ words.becameDue }}{{ words.colon }}{{ becameDue }}<br>
{{ words.detected }}{{ words.colon }}{{ detected }}<br>
{{ words.reason }}{{ words.colon }}{{ reason }}<br>
{{ words.rule }}{{ words.colon }}{{ rule }}<br>
{{ words.withdrawnAlert }}{{ words.colon }}{{ retracts }}<br><br>
{{ words.retractionFooter }} {{ id }}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
