import { DAY } from '#domain';
import { resultOf, retryAfterMs } from './status.js';

describe('an HTTP status', () => {
  it.each([
    [200, 'delivered', undefined],
    [202, 'delivered', undefined],
    [204, 'delivered', undefined],
    [299, 'delivered', undefined],
    [301, 'retry', 'redirected'],
    [302, 'retry', 'redirected'],
    [304, 'retry', 'redirected'],
    [307, 'retry', 'redirected'],
    [308, 'retry', 'redirected'],
    [400, 'give-up', 'rejected'],
    [401, 'retry', 'refused'],
    [403, 'retry', 'refused'],
    [404, 'retry', 'refused'],
    [405, 'retry', 'refused'],
    [408, 'retry', 'timeout'],
    [409, 'give-up', 'rejected'],
    [410, 'give-up', 'gone'],
    [413, 'give-up', 'rejected'],
    [415, 'give-up', 'rejected'],
    [422, 'give-up', 'rejected'],
    [425, 'retry', 'throttled'],
    [429, 'retry', 'throttled'],
    [500, 'retry', 'server-error'],
    [502, 'retry', 'server-error'],
    [503, 'retry', 'server-error'],
    [504, 'retry', 'server-error'],
    [599, 'retry', 'server-error'],
    [999, 'retry', 'server-error'],
  ])('%i means %s %s', (status, kind, reason) => {
    const result = resultOf(status);
    expect(result.kind).toBe(kind);
    expect('reason' in result ? result.reason : undefined).toBe(reason);
  });

  it.each([429, 503])('%i carries the wait the receiver asked for', (status) => {
    expect(resultOf(status, 7_000)).toMatchObject({ kind: 'retry', afterMs: 7_000 });
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2017, 2, 7, 9);
  it.each([
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['99999999999', DAY],
    ['Tue, 07 Mar 2017 09:00:30 GMT', 30_000],
    ['Tue, 07 Mar 2017 08:00:00 GMT', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('%p is %p ms', (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));
});
