import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** How the link behaves from now on. */
export type LinkState =
  | { readonly kind: 'pass' }
  /** New connections are refused and the open ones are cut. */
  | { readonly kind: 'down' }
  /** Every chunk arrives so much later, in order. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Connections stay open and nothing gets through, in neither direction. */
  | { readonly kind: 'blackhole' }
  /** What is asked arrives; the answers do not. */
  | { readonly kind: 'swallow-replies' };

export interface FaultProxy {
  readonly port: number;
  readonly state: LinkState;
  set(state: LinkState): void;
  /** Cuts every open connection once with a reset; new ones pass as before. */
  reset(): void;
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * A TCP link to `target` on loopback that can be broken in the middle of anything. What was held back while it was a
 * blackhole is lost with its connection when the link passes again, as it would be after a time-out.
 */
export async function startProxy(
  target: () => { readonly host: string; readonly port: number },
  port = 0,
): Promise<FaultProxy> {
  let state: LinkState = { kind: 'pass' };
  const pairs = new Set<{ readonly client: Socket; readonly far: Socket; starved: boolean }>();

  const cut = (which: (pair: { starved: boolean }) => boolean): void => {
    for (const pair of pairs) {
      if (!which(pair)) continue;
      pair.client.resetAndDestroy();
      pair.far.resetAndDestroy();
    }
  };

  const server = createServer((client) => {
    if (state.kind === 'down') return void client.resetAndDestroy();
    const far = connect(target());
    const pair = { client, far, starved: false };
    pairs.add(pair);
    const carry = (from: Socket, to: Socket, isReply: boolean): void => {
      let dueAt = 0;
      // Never before what is still on its way, even when the link has become faster meanwhile.
      const later = (act: () => void): void => {
        const now = performance.now();
        dueAt = Math.max(dueAt, now + (state.kind === 'delay' ? state.ms : 0));
        if (dueAt > now) setTimeout(act, dueAt - now);
        else act();
      };
      from.on('data', (chunk) => {
        if (state.kind === 'blackhole' || (state.kind === 'swallow-replies' && isReply)) {
          pair.starved = true;
          return;
        }
        // A connection that has lost bytes can never be whole again.
        if (pair.starved) return;
        const write = (): void => {
          if (to.writable && !to.write(chunk)) {
            from.pause();
            to.once('drain', () => from.resume());
          }
        };
        later(write);
      });
      from.on('end', () => {
        if (!pair.starved) later(() => to.end());
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        if (pair.starved) to.destroy();
      });
    };
    carry(client, far, false);
    carry(far, client, true);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    get state() {
      return state;
    },
    set(next) {
      state = next;
      if (next.kind === 'down') cut(() => true);
      if (next.kind === 'pass') cut((pair) => pair.starved);
    },
    reset: () => cut(() => true),
    get connections() {
      return pairs.size;
    },
    async close() {
      server.close();
      cut(() => true);
    },
  };
}
