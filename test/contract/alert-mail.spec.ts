import { simpleParser } from 'mailparser';
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MailStyle } from '#channels';
import { compose, Mailbox } from '#channels';
import type { Alert, Locale, Reason, Signal } from '#domain';
import { buildRetraction } from '../../libs/pipeline/src/sentinel/route.js';
import { anAlert } from '../support/an-alert.js';

const signals: readonly Signal[] = [
  {
    name: 'silent_days',
    unit: 'days',
    description: { en: 'Days since the last visit', zh: '距最近一次访问的天数' },
    events: [],
    kind: 'silence',
  },
];
const reasons: readonly Reason[] = [
  { code: 'silence', kind: 'behaviour', title: { en: 'Stays away', zh: '不再到访' } },
];
const style = (locale: Locale, over: Partial<MailStyle> = {}): MailStyle => ({
  locale,
  from: 'Churnwatch <alerts@example.com>',
  to: undefined,
  publicUrl: 'https://watch.example.com/',
  signals,
  reasons,
  ...over,
});
const alert = (over: Partial<Alert> = {}): Alert => anAlert({ customer: 'ada' as Alert['customer'], ...over });

describe('an alert mail', () => {
  it('tells who, why, what to do, by when, and where to look', () => {
    const { subject, text, to } = compose(alert(), style('en'));
    expect(to).toEqual(['retention@example.com']);
    expect(subject).toBe('Gone quiet: ada – no visit for 21 d (usual gap 4.2 d)');
    for (const line of [
      'Gone quiet (High risk)',
      'Customer: ada',
      'Why: no visit for 21 d (usual gap 4.2 d)',
      'What to do: Call back',
      'Call or write in person, ask what changed, and offer help before any discount.',
      'Owner: retention@example.com',
      'https://watch.example.com/#/customers/ada',
      '- Days since the last visit: 21 d',
      '- usual_gap_days: 4.2',
      '- spend_90d: 1,234.5',
      '- orders_30d: –',
      'Counted as: Stays away (silence)',
      'Rule: gone-quiet (3f9c2b7d11aa)',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/^Due by: 9 March 2017.* 09:00:00 UTC$/m);
    expect(text).toMatch(/^Became due: 7 March 2017.* 08:00:00 UTC$/m);
    expect(text).toMatch(/^Detected: 7 March 2017.* 09:00:00 UTC$/m);
  });

  it('speaks Chinese throughout when its reader does', () => {
    const { subject, text, html } = compose(alert(), style('zh'));
    expect(subject).toBe('突然沉默：ada – 已 21 天未访问（通常间隔 4.2 天）');
    for (const words of [
      '客户：ada',
      '建议行动：客户回访',
      '距最近一次访问的天数：21 天',
      '截止时间：2017年3月9日',
      '归类：不再到访',
    ]) {
      expect(text).toContain(words);
    }
    expect(html).toContain('<html lang="zh-CN">');
    expect(text).not.toMatch(/Customer|Owner|Due by|Evidence/);
  });

  it('goes by the code of a reason that the pack no longer knows', () => {
    const { text, html } = compose(alert({ reason: 'long_gone' }), style('en'));
    expect(text).toContain('\nCounted as: long_gone\n');
    expect(html).toContain('Counted as: long_gone<br>');
  });

  it('goes to MAIL_TO when that is set', () => {
    expect(compose(alert(), style('en', { to: ['a@example.com', 'b@example.com'] })).to).toHaveLength(2);
  });

  it('has one Message-ID for every copy, of the sender’s domain', () => {
    const one = alert();
    expect(compose(one, style('en')).messageId).toBe(`<${one.id}@example.com>`);
    expect(compose(one, style('zh')).messageId).toBe(`<${one.id}@example.com>`);
    expect(compose(one, style('en', { from: 'nobody' })).messageId).toBe(`<${one.id}@churnwatch.invalid>`);
  });

  it('escapes every text in its HTML part', () => {
    const bad = '<script>alert("1")</script>\'"&{{ 1 }}{% raw %}';
    const both = { en: bad, zh: bad };
    const { html } = compose(
      alert({
        customer: bad as Alert['customer'],
        rule: bad as Alert['rule'],
        ruleVersion: bad,
        reason: bad,
        title: both,
        text: both,
        playbook: { id: bad, title: both, action: both, owner: bad, dueAt: alert().detectedAt },
        evidence: { [bad]: 1 },
      }),
      style('en'),
    );
    expect(html).not.toContain('<script');
    expect(html).not.toContain('alert("1")');
    expect(html).toContain('&lt;script&gt;alert(&#34;1&#34;)');
    expect(html).toContain(`https://watch.example.com/#/customers/${encodeURIComponent(bad).replaceAll("'", '&#39;')}`);
  });
});

describe('a mail that withdraws an alert', () => {
  const withdrawn = alert();
  const withdrawal = buildRetraction(withdrawn, { events: [] }, withdrawn.detectedAt);

  it('has a subject of its own and stands in the thread of the alert', () => {
    const mail = compose(withdrawal, style('en'));
    expect(mail.subject).toBe('Withdrawn: Gone quiet: ada – the alert did not hold');
    expect(mail.messageId).toBe(`<${withdrawal.id}@example.com>`);
    expect([mail.inReplyTo, mail.references]).toEqual([
      compose(withdrawn, style('en')).messageId,
      compose(withdrawn, style('en')).messageId,
    ]);
    expect(compose(withdrawn, style('en'))).not.toHaveProperty('inReplyTo');
  });

  it('says that nothing is to be done, and repeats nothing that did not hold', () => {
    const { text, html, to } = compose(withdrawal, style('en'));
    expect(to).toEqual(['retention@example.com']);
    for (const part of [text, html]) {
      expect(part).toContain('Nothing needs to be done');
      expect(part).toContain(withdrawn.id);
      expect(part).not.toContain('no visit for 21 d');
      expect(part).not.toContain('Call back');
    }
  });

  it('speaks Chinese throughout when its reader does', () => {
    const { subject, text, html } = compose(withdrawal, style('zh'));
    expect(subject).toBe('撤回：突然沉默：ada – 该告警不成立');
    expect(text).toContain('无需处理');
    expect(html).toContain('<html lang="zh-CN">');
    expect(text).not.toMatch(/Customer|Withdrawn|Nothing|Owner/);
  });

  it('lies beside the alert in the mailbox, with its thread', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mailbox-'));
    const box = new Mailbox(folder);
    for (const one of [withdrawn, withdrawal]) await box.put(one.id, compose(one, style('en')));
    expect((await box.list(10)).map(({ id }) => id).toSorted()).toEqual([withdrawn.id, withdrawal.id].toSorted());
    const parsed = await simpleParser(await readFile(join(folder, `${withdrawal.id}.eml`)));
    expect(parsed.inReplyTo).toBe(`<${withdrawn.id}@example.com>`);
    expect(parsed.references).toBe(`<${withdrawn.id}@example.com>`);
    await rm(folder, { recursive: true });
  });

  it('escapes every text in its HTML part', () => {
    const bad = '<script>alert("1")</script>';
    const { html } = compose(
      { ...withdrawal, customer: bad as Alert['customer'], title: { en: bad, zh: bad } },
      style('en'),
    );
    expect(html).not.toContain('<script');
  });
});

describe('the mailbox', () => {
  let folder: string;
  let box: Mailbox;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailbox-'));
    box = new Mailbox(join(folder, 'deep', 'box'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = async (one: Alert, locale: Locale = 'en'): Promise<void> => box.put(one.id, compose(one, style(locale)));

  it('is empty before the first mail', async () => {
    expect(await box.list(10)).toEqual([]);
    expect(await box.read('nothing')).toBeNull();
  });

  it('gives back what was put in, in any language', async () => {
    const one = alert();
    await put(one, 'zh');
    const mail = await box.read(one.id);
    expect(mail).toMatchObject({ subject: compose(one, style('zh')).subject, to: 'retention@example.com' });
    expect(mail!.text.trim()).toBe(compose(one, style('zh')).text.trim());
    expect(mail!.html.trim()).toBe(compose(one, style('zh')).html.trim());
  });

  it('keeps one file per alert, and no drafts', async () => {
    const one = alert();
    await Promise.all([put(one), put(one), put(one)]);
    expect(await readdir(box.folder)).toEqual([`${one.id}.eml`]);
  });

  it('lists the newest first, up to the limit', async () => {
    const alerts = [alert(), alert(), alert()];
    for (const [age, one] of alerts.entries()) {
      await put(one);
      await utimes(join(box.folder, `${one.id}.eml`), 1_000 - age, 1_000 - age);
    }
    expect((await box.list(2)).map(({ id }) => id)).toEqual(alerts.slice(0, 2).map(({ id }) => id));
  });

  it('lets nobody out of its folder', async () => {
    for (const id of ['../secret', '..', '', 'a/b', 'a\\b', 'a\0', '.hidden']) expect(await box.read(id)).toBeNull();
    await expect(box.put('../secret', compose(alert(), style('en')))).rejects.toThrow(TypeError);
  });

  it('writes no header that a customer’s name brought along', async () => {
    const one = alert({ customer: 'x\r\nBcc: eve@example.com\r\nX-Evil: 1\u2028\u202E' as Alert['customer'] });
    await put(one);
    const raw = await readFile(join(box.folder, `${one.id}.eml`));
    const parsed = await simpleParser(raw);
    expect(parsed.bcc).toBeUndefined();
    expect(parsed.headers.has('x-evil')).toBe(false);
    expect(parsed.subject).toMatch(/^Gone quiet: x Bcc: eve@example.com X-Evil: 1 – /);
    expect(parsed.messageId).toBe(`<${one.id}@example.com>`);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
  });
});
