import { connect as connectPlain, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const keepAliveMs = 60_000;

/**
 * The sockets of one kafkajs client. After its `disconnect`, kafkajs goes on with requests under way: it connects again
 * and writes what has long been given up, behind what was written since. Cut off, it cannot.
 */
export class Lifeline {
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  readonly socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.#isCut) throw new Error('this client was given up');
    const serverName = isIP(host) ? {} : { servername: host };
    const socket = ssl
      ? connectTls({ host, port, ...serverName, ...(ssl as object) }, onConnect)
      : connectPlain({ host, port }, onConnect);
    socket.setKeepAlive(true, keepAliveMs);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  };

  /** With a reset: what the system has not sent yet is thrown away. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

/** A kafkajs client that may be given up at any time. */
export interface Client<T> {
  readonly connected: Promise<T>;
  readonly lifeline: Lifeline;
}
