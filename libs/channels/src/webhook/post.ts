import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { LookupAddress } from 'node:dns';

export interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Nobody needs more of a reply than its status; what a receiver says on top of this is not listened to. */
const longestReplyBytes = 64 * 1024;

/**
 * One POST to one of `addresses` and nowhere else; redirects are answers like any other. Resolves as soon as the status
 * is there, rejects when there is none or `signal` aborts first. One connection each: a connection kept open could have
 * been closed by the far side just now, and its alert would wait for the next try. `onConnected` hears that the far side
 * may have the message from here on.
 */
export function post(
  url: URL,
  addresses: readonly LookupAddress[],
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array },
  signal: AbortSignal,
  onConnected: () => void,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request: ClientRequest = send(url, {
      method: 'POST',
      agent: false,
      lookup: pinnedTo(addresses),
      headers: { ...message.headers, 'content-length': message.body.byteLength },
      maxHeaderSize: 16 * 1024,
      signal,
    });
    request.on('socket', (socket) => socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', onConnected));
    request.on('error', reject);
    request.on('response', (response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      hangUpPolitely(request, response);
    });
    request.end(message.body);
  });
}

/** Lets a short reply end by itself, so that the far side sees no reset. */
function hangUpPolitely(request: ClientRequest, response: IncomingMessage): void {
  let received = 0;
  response.on('data', (piece: Buffer) => {
    received += piece.byteLength;
    if (received > longestReplyBytes) request.destroy();
  });
  // The verdict is in; how the rest of the reply fares is nobody's concern.
  response.on('error', () => {});
  response.setTimeout(1_000, () => request.destroy());
}

/** Answers every question for an address with those that were checked. */
function pinnedTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, done) => {
    if (options.all === true) done(null, [...addresses]);
    else done(null, addresses[0]!.address, addresses[0]!.family);
  };
}
