import type { ExpectedMove } from '../support/oracle.js';
import type { Evidence, Violation } from './evidence.js';
import type { Left } from './what-is-left.js';

interface StoredAlert {
  readonly id: string;
  readonly kind?: 'alert' | 'retraction';
  readonly customer: string;
  readonly rule: string;
  readonly episode: number;
  readonly retracts?: string | null;
}

/** I3 and I4: every alert due is stored and delivered on each channel or visibly given up, under one id for ever. */
export function checkAlerts(
  { endAt, arrivals, channels }: Evidence,
  { moves, attempts, actions }: Left,
  expected: readonly ExpectedMove[],
  violations: Violation[],
  counts: Record<string, number>,
): void {
  const due = moves.filter(({ alert, became_due_at: at }) => alert !== '' && at <= endAt);
  const alerts = due.map((move) => JSON.parse(move.alert) as StoredAlert);
  const nameOf = ({ kind, customer, rule, episode }: StoredAlert): string =>
    `${kind ?? 'alert'} ${customer} ${rule} #${episode}`;

  const names = new Map<string, string>();
  const idOf = new Map<string, string>();
  for (const alert of alerts) {
    const name = nameOf(alert);
    if (names.has(alert.id) && names.get(alert.id) !== name)
      violations.push({ invariant: 'I4', what: `${alert.id} is ${name} and ${names.get(alert.id)}` });
    if (idOf.has(name) && idOf.get(name) !== alert.id)
      violations.push({ invariant: 'I4', what: `${name} has two ids: ${alert.id}, ${idOf.get(name)}` });
    names.set(alert.id, name);
    idOf.set(name, alert.id);
  }

  // A relapse is the same episode: only what fires from elsewhere than recovering is told.
  const told = expected.filter((move) => move.to === 'firing' && move.from !== 'recovering');
  const withdrawn = new Set(alerts.flatMap(({ retracts }) => retracts ?? []));
  const holding = new Map<string, number>();
  for (const { id, kind, customer, rule } of alerts) {
    const isOurs = kind !== 'retraction' && !withdrawn.has(id);
    if (isOurs) holding.set(`${customer} ${rule}`, (holding.get(`${customer} ${rule}`) ?? 0) + 1);
  }
  const wanted = new Map<string, number>();
  for (const { customer, rule } of told)
    wanted.set(`${customer} ${rule}`, (wanted.get(`${customer} ${rule}`) ?? 0) + 1);
  for (const flag of new Set([...holding.keys(), ...wanted.keys()])) {
    const [have, want] = [holding.get(flag) ?? 0, wanted.get(flag) ?? 0];
    if (have < want) violations.push({ invariant: 'I3', what: `${flag}: ${have} alerts hold, ${want} are due` });
    if (have > want) violations.push({ invariant: 'I4', what: `${flag}: ${have} alerts hold, only ${want} are due` });
  }
  counts['alerts expected'] = told.length;

  const all = new Set(moves.filter(({ alert_id: id }) => id !== '').map(({ alert_id: id }) => id));
  const ended = new Map<string, Set<string>>();
  for (const { alert_id: id, channel, state } of attempts) {
    if (!all.has(id))
      violations.push({ invariant: 'I4', what: `${channel} has an attempt for an unknown alert ${id}` });
    const key = `${id} ${channel}`;
    ended.set(key, (ended.get(key) ?? new Set()).add(state));
  }
  const wire = wireOf(arrivals, actions);
  for (const [id, name] of names) {
    for (const channel of channels) {
      const states = ended.get(`${id} ${channel}`) ?? new Set();
      if (!states.has('delivered') && !states.has('given-up'))
        violations.push({ invariant: 'I3', what: `${name} is still open on ${channel} (${[...states].join()})` });
      if (states.has('delivered') && (wire.get(`${id} ${channel}`) ?? 0) === 0)
        violations.push({ invariant: 'I3', what: `${name} is recorded as delivered on ${channel} and never arrived` });
    }
  }
  let repeats = 0;
  for (const [key, times] of wire) {
    const [id] = key.split(' ') as [string];
    if (!all.has(id)) violations.push({ invariant: 'I4', what: `${key} arrived and is no stored alert` });
    repeats += times - 1;
  }
  counts['alerts'] = alerts.length;
  counts['retractions'] = alerts.filter(({ kind }) => kind === 'retraction').length;
  counts['copies on the wire'] = repeats;
  counts['given up'] = attempts.filter(({ state }) => state === 'given-up').length;
}

/** How often each alert was taken by each channel's far end. */
function wireOf(arrivals: Evidence['arrivals'], actions: Left['actions']): Map<string, number> {
  const wire = new Map<string, number>();
  const add = (key: string): void => void wire.set(key, (wire.get(key) ?? 0) + 1);
  for (const { channel, id, accepted } of arrivals) if (accepted) add(`${id} ${channel}`);
  for (const { value } of actions) add(`${(JSON.parse(value) as { data: { id: string } }).data.id} topic`);
  return wire;
}
