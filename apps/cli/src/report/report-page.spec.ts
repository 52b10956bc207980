import { locales } from '#domain';
import type { Report } from './report.js';
import { reportPage } from './report-page.js';

const hostile = `"><script>alert(1)</script>{{ title }}&'`;
const report: Report = {
  title: hostile,
  about: [hostile],
  tables: [{ head: [hostile], rows: [[hostile]], remarks: [hostile] }],
  notes: [hostile],
};

describe.each(locales)('a report’s page (%s)', (locale) => {
  const page = reportPage(report, locale);

  it('shows what customers and packs are called as text, wherever it stands', () => {
    expect(page).not.toContain('<script>');
    expect(page.match(/&#34;&gt;&lt;script&gt;/g)).toHaveLength(7);
    // Not a template either.
    expect(page.match(/\{\{ title \}\}/g)).toHaveLength(7);
  });

  it('needs no other file', () => {
    expect(page).not.toMatch(/\b(src|href|srcset)=|url\(|@import/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(page).toContain(locale === 'zh' ? '<html lang="zh-CN">' : '<html lang="en">');
  });
});
