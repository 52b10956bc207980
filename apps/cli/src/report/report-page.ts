import { Liquid } from 'liquidjs';
import type { Locale } from '#domain';
import type { Report } from './report.js';

const style = `
body{margin:0;background:#f3f4f1;color:#1f2723;font:14px/1.5 -apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 16px 48px}
h1{font-size:20px;margin:0 0 8px;overflow-wrap:anywhere}
p{color:#56645c;margin:0 0 8px}
div{overflow-x:auto;margin:20px 0 8px;background:#fff;border:1px solid #dfe2da;border-radius:10px}
table{border-collapse:collapse;width:100%}
th,td{padding:7px 12px;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
th{background:#eef1ea;font-weight:600}
th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:140px}
tr+tr td{border-top:1px solid #e8ebe4}
`;

// The policy stands in the page: it is opened from a disk, where no server could send one.
const template = `<!doctype html>
<html lang="{{ lang }}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>{{ title }}</title><style>${style}</style></head><body><main>
<h1>{{ title }}</h1>
{%- for line in about %}
<p>{{ line }}</p>
{%- endfor %}
{%- for table in tables %}
<div><table>
<thead><tr>{% for cell in table.head %}<th scope="col">{{ cell }}</th>{% endfor %}</tr></thead>
<tbody>
{%- for row in table.rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{%- endfor %}
</tbody></table></div>
{%- for remark in table.remarks %}
<p>{{ remark }}</p>
{%- endfor %}
{%- endfor %}
{%- for note in notes %}
<p>{{ note }}</p>
{%- endfor %}
</main></body></html>
`;
const liquid = new Liquid({ outputEscape: 'escape', strictVariables: true, strictFilters: true, templates: {} });
const parsed = liquid.parse(template);

/** One file that needs no other: nothing is loaded from anywhere and nothing runs, whatever a customer is called. */
export function reportPage({ tables, ...report }: Report, locale: Locale): string {
  const shown = tables.map((each) => ({ remarks: [], ...each }));
  return String(liquid.renderSync(parsed, { ...report, tables: shown, lang: locale === 'zh' ? 'zh-CN' : 'en' }));
}
