import type { Alert, DeliveryResult } from '#domain';
import type { Channel } from '../ports/channel.js';

/** One try. Null: cut off with nobody knowing how it would have ended. */
export async function deliverUnlessCut(
  channel: Channel,
  alert: Alert,
  cut: AbortSignal,
): Promise<DeliveryResult | null> {
  let onCut = (): void => {};
  const cutOff = new Promise<null>((resolve) => {
    onCut = () => resolve(null);
    if (cut.aborted) onCut();
    cut.addEventListener('abort', onCut, { once: true });
  });
  try {
    return await Promise.race([channel.deliver(alert, cut), cutOff]);
  } catch (error) {
    // A channel that throws breaks its promise; its lane goes on, and the message may hold secrets.
    const name = error instanceof Error ? error.name : typeof error;
    return { kind: 'retry', reason: 'unreachable', detail: `the channel failed with ${name}`, mayHaveArrived: true };
  } finally {
    cut.removeEventListener('abort', onCut);
  }
}
