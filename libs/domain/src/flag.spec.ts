import fc from 'fast-check';
import type { EpochMs, Flag, FlagPolicy, FlagState, Verdict } from '#domain';
import { advanceFlag, epochMs, flagStates, isRaised, MINUTE, neverRaised, plus } from '#domain';

const verdicts: readonly Verdict[] = ['breach', 'between', 'ok', 'no-data'];
const t0 = epochMs(Date.UTC(2026, 0, 1));
const patient: FlagPolicy = { pendingMs: 10 * MINUTE, recoverMs: 20 * MINUTE, cooldownMs: 60 * MINUTE };
const hasty: FlagPolicy = { pendingMs: 0, recoverMs: 0, cooldownMs: 0 };
const aFlag = (state: FlagState, more: Partial<Flag> = {}): Flag => ({
  state,
  since: t0,
  episode: state === 'clear' ? 0 : 1,
  clearedAt: null,
  ...more,
});

type Row = readonly [from: FlagState, verdict: Verdict, to: FlagState];
// Every pair of a state and a verdict, under a policy that never waits...
const atOnce: readonly Row[] = [
  ['clear', 'breach', 'firing'],
  ['clear', 'between', 'clear'],
  ['clear', 'ok', 'clear'],
  ['clear', 'no-data', 'clear'],
  ['pending', 'breach', 'firing'],
  ['pending', 'between', 'clear'],
  ['pending', 'ok', 'clear'],
  ['pending', 'no-data', 'clear'],
  ['firing', 'breach', 'firing'],
  ['firing', 'between', 'firing'],
  ['firing', 'ok', 'clear'],
  ['firing', 'no-data', 'firing'],
  ['recovering', 'breach', 'firing'],
  ['recovering', 'between', 'recovering'],
  ['recovering', 'ok', 'clear'],
  ['recovering', 'no-data', 'recovering'],
  ['retracted', 'breach', 'firing'],
  ['retracted', 'between', 'retracted'],
  ['retracted', 'ok', 'retracted'],
  ['retracted', 'no-data', 'retracted'],
];
// ...and those that end elsewhere under one that does, a minute after the flag entered its state.
const waiting: readonly Row[] = [
  ['clear', 'breach', 'pending'],
  ['pending', 'breach', 'pending'],
  ['firing', 'ok', 'recovering'],
  ['recovering', 'ok', 'recovering'],
  ['retracted', 'breach', 'pending'],
];

describe('a flag meets a verdict', () => {
  it('has a row for every pair', () => {
    const pairs = flagStates.flatMap((state) => verdicts.map((verdict) => `${state} ${verdict}`));
    expect(atOnce.map(([state, verdict]) => `${state} ${verdict}`).sort()).toEqual(pairs.sort());
  });

  it.each(atOnce)('%s, %s: %s, when the policy waits for nothing', (from, verdict, to) => {
    const { flag, moved, askAgainAt } = advanceFlag(aFlag(from), verdict, hasty, plus(t0, MINUTE));
    expect({ state: flag.state, moved, askAgainAt }).toEqual({ state: to, moved: from !== to, askAgainAt: null });
    expect(flag.since).toBe(from === to ? t0 : t0 + MINUTE);
  });

  const patientRows = atOnce.map(
    ([from, verdict, to]): Row => waiting.find(([f, v]) => f === from && v === verdict) ?? [from, verdict, to],
  );
  it.each(patientRows)('%s, %s: %s, a minute later under a policy that waits', (from, verdict, to) => {
    const { flag, moved } = advanceFlag(aFlag(from), verdict, patient, plus(t0, MINUTE));
    expect({ state: flag.state, moved }).toEqual({ state: to, moved: from !== to });
  });
});

describe('waiting times, to the millisecond', () => {
  const step = (flag: Flag, verdict: Verdict, at: EpochMs) => advanceFlag(flag, verdict, patient, at);

  it('fires once the breach has lasted as long as it must, and asks to be asked then', () => {
    const pending = step(neverRaised, 'breach', t0);
    expect(pending).toEqual({ flag: aFlag('pending'), moved: true, askAgainAt: t0 + patient.pendingMs });
    const almost = step(pending.flag, 'breach', plus(t0, patient.pendingMs - 1));
    expect(almost).toEqual({ flag: pending.flag, moved: false, askAgainAt: t0 + patient.pendingMs });
    const due = plus(t0, patient.pendingMs);
    expect(step(almost.flag, 'breach', due)).toMatchObject({ flag: { state: 'firing', since: due, episode: 1 } });
  });

  it('clears once all has been well as long as it must', () => {
    const recovering = step(aFlag('firing'), 'ok', t0);
    expect(recovering).toMatchObject({ flag: { state: 'recovering' }, askAgainAt: t0 + patient.recoverMs });
    expect(step(recovering.flag, 'ok', plus(t0, patient.recoverMs - 1))).toMatchObject({
      moved: false,
      askAgainAt: t0 + patient.recoverMs,
    });
    const due = plus(t0, patient.recoverMs);
    expect(step(recovering.flag, 'ok', due).flag).toEqual(aFlag('clear', { since: due, episode: 1, clearedAt: due }));
  });

  it('stays down through the cooldown, counted from the clearing, whatever breaches', () => {
    const cleared = aFlag('clear', { episode: 1, clearedAt: t0 });
    const cool = plus(t0, patient.cooldownMs);
    expect(step(cleared, 'breach', plus(cool, -1))).toEqual({ flag: cleared, moved: false, askAgainAt: cool });
    expect(step(cleared, 'breach', cool)).toMatchObject({ flag: { state: 'pending', episode: 2, clearedAt: t0 } });
    expect(step({ ...cleared, state: 'retracted' }, 'breach', plus(cool, -1)).moved).toBe(false);
  });
});

describe('episodes', () => {
  it('go on with a relapse: the same episode, and recovery begins anew', () => {
    const relapsed = advanceFlag(aFlag('recovering'), 'breach', patient, plus(t0, MINUTE)).flag;
    expect(relapsed).toEqual(aFlag('firing', { since: plus(t0, MINUTE) }));
    const again = advanceFlag(relapsed, 'ok', patient, plus(t0, 2 * MINUTE));
    expect(again.askAgainAt).toBe(t0 + 2 * MINUTE + patient.recoverMs);
  });

  it('do not count a breach that came to nothing', () => {
    const pending = advanceFlag(neverRaised, 'breach', patient, t0).flag;
    const dropped = advanceFlag(pending, 'between', patient, plus(t0, MINUTE)).flag;
    expect(dropped).toMatchObject({ state: 'clear', episode: 0, clearedAt: null });
    expect(advanceFlag(dropped, 'breach', patient, plus(t0, MINUTE)).flag.episode).toBe(1);
  });
});

const allowed: Readonly<Record<FlagState, readonly FlagState[]>> = {
  clear: ['pending', 'firing'],
  pending: ['firing', 'clear'],
  firing: ['recovering', 'clear'],
  recovering: ['firing', 'clear'],
  retracted: ['pending', 'firing'],
};
const waits = fc.constantFrom(0, 1, 50, 1_000);
const policies: fc.Arbitrary<FlagPolicy> = fc.record({ pendingMs: waits, recoverMs: waits, cooldownMs: waits });
const looks = fc.array(fc.tuple(fc.constantFrom(...verdicts), fc.constantFrom(1, 2, 49, 50, 51, 999, 1_000)), {
  minLength: 1,
  maxLength: 60,
});

describe('any sequence of verdicts', () => {
  it('skips no state, fires once an episode, and respects pending, recovery and cooldown', () => {
    fc.assert(
      fc.property(policies, looks, (policy, sequence) => {
        let flag = neverRaised;
        let now = t0;
        let lastFired = 0;
        let breachingSince: EpochMs | null = null;
        let wellSince: EpochMs | null = null;
        for (const [verdict, laterMs] of sequence) {
          now = plus(now, laterMs);
          breachingSince = verdict === 'breach' ? (breachingSince ?? now) : null;
          wellSince = verdict === 'breach' ? null : verdict === 'ok' ? (wellSince ?? now) : wellSince;
          const before = flag;
          const { flag: after, moved, askAgainAt } = advanceFlag(before, verdict, policy, now);
          expect(moved).toBe(after.state !== before.state);
          if (!moved) expect(after).toBe(before);
          if (askAgainAt !== null) expect(askAgainAt).toBeGreaterThan(now);
          if (moved) {
            expect(allowed[before.state]).toContain(after.state);
            expect(after.since).toBe(now);
          }
          if (after.state === 'firing' && before.state !== 'firing' && before.state !== 'recovering') {
            expect(after.episode).toBe(lastFired + 1);
            lastFired = after.episode;
            expect(now - breachingSince!).toBeGreaterThanOrEqual(policy.pendingMs);
            if (before.clearedAt !== null) expect(now - before.clearedAt).toBeGreaterThanOrEqual(policy.cooldownMs);
          }
          if (after.state === 'clear' && isRaised(before.state)) {
            expect(now - wellSince!).toBeGreaterThanOrEqual(policy.recoverMs);
            expect(after.clearedAt).toBe(now);
          }
          if (isRaised(after.state)) expect(after.episode).toBe(lastFired);
          flag = after;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
