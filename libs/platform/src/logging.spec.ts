import { createLog, NestLog } from './logging.js';

function record(level: 'debug' | 'info' = 'info') {
  const lines: string[] = [];
  const log = createLog('tracker', level, { write: (line: string) => void lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> };
}

describe('a log line', () => {
  it('names the event first and gives its fields after', () => {
    const { log, lines, last } = record();
    log.info('flag-raised', { rule: 'silent', customer: 'ada' });
    expect(last()).toMatchObject({ level: 'info', role: 'tracker', event: 'flag-raised', rule: 'silent' });
    expect(Object.keys(last()).indexOf('event')).toBeLessThan(Object.keys(last()).indexOf('rule'));
    expect(lines[0]!.endsWith('}\n')).toBe(true);
  });

  it('is not written below the level', () => {
    const { log, lines } = record('info');
    log.debug('detail');
    expect(lines).toEqual([]);
  });

  it('shows an error with its cause', () => {
    const { log, last } = record();
    log.error('fold-failed', { err: new Error('outer', { cause: new Error('inner') }) });
    expect(last()['err']).toMatchObject({ message: expect.stringContaining('inner') as unknown });
  });
});

describe('Nest', () => {
  it('is silent at info while all is well', () => {
    const { log, lines } = record('info');
    new NestLog(log).log('Starting Nest application...', 'NestFactory');
    expect(lines).toEqual([]);
  });

  it('writes its errors with context and stack', () => {
    const { log, last } = record();
    new NestLog(log).error('it broke', 'Error: it broke\n  at x', 'ExceptionHandler');
    expect(last()).toMatchObject({ level: 'error', event: 'nest', message: 'it broke', context: 'ExceptionHandler' });
    expect(last()['more']).toEqual(['Error: it broke\n  at x']);
  });
});
