/** As much of a CloudEvent as a story tells. */
export interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time?: string;
}

/** The same customer did the same at each of these times. */
export const eventsAt = (subject: string, type: string, times: readonly number[]): readonly ToldEvent[] =>
  times.map((at) => ({ id: `${subject}-${type}-${at}`, type, subject, time: new Date(at).toISOString() }));

/** Hands events to a gateway in one request, which must take them. */
export async function sendEvents(url: string, events: readonly ToldEvent[]): Promise<void> {
  const body = JSON.stringify(events.map((event) => ({ specversion: '1.0', source: 'story', ...event })));
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  const response = await fetch(`${url}/v1/events`, { method: 'POST', headers, body });
  expect(response.status).toBe(202);
}
