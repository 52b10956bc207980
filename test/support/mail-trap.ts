import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { ParsedMail } from 'mailparser';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type MailManners =
  | 'accept'
  | 'greylist'
  | 'no-such-user'
  | 'refuse-data'
  | 'full'
  | 'drop-after-data'
  | 'mute-after-data'
  | 'wrong-password'
  | 'busy'
  | 'drop-in-data'
  | 'mute-from-the-start'
  | 'keep-in-silence';

/** A mail server in this process that does what the test says. */
export class MailTrap {
  readonly mails: { readonly raw: string; readonly parsed: ParsedMail; readonly recipients: readonly string[] }[] = [];
  manners: MailManners = 'accept';
  /** Mails whose last byte came in, whatever became of them. */
  received = 0;
  #server: SMTPServer | undefined;
  #port = 0;

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  async start(options: { readonly auth?: boolean } = {}): Promise<this> {
    this.#server = new SMTPServer({
      disabledCommands: options.auth === true ? ['STARTTLS'] : ['STARTTLS', 'AUTH'],
      allowInsecureAuth: true,
      logger: false,
      closeTimeout: 100,
      onAuth: (_auth, _session, done) => done(new Error('535 wrong')),
      onConnect: (_session, done) => {
        if (this.manners === 'mute-from-the-start') return;
        if (this.manners === 'busy') return done(reply(421, '4.3.2 too busy'));
        return done();
      },
      onRcptTo: (address, _session, done) => {
        if (this.manners === 'greylist') return done(reply(451, `4.7.1 ${address.address} greylisted`));
        if (this.manners === 'no-such-user') return done(reply(550, `5.1.1 ${address.address} unknown`));
        return done();
      },
      onData: (stream, session, done) => {
        const pieces: Buffer[] = [];
        if (this.manners === 'drop-in-data') this.#hangUp();
        stream.on('data', (piece: Buffer) => pieces.push(piece));
        stream.on('end', () => {
          this.received++;
          if (this.manners === 'refuse-data') return done(reply(554, '5.7.1 spam'));
          if (this.manners === 'full') return done(reply(452, '4.2.2 full'));
          if (this.manners === 'mute-after-data') return;
          void this.#keep(
            Buffer.concat(pieces),
            session.envelope.rcptTo.map(({ address }) => address),
            done,
          );
        });
      },
    });
    this.#server.on('error', () => {});
    this.#port = await new Promise<number>((resolve) => {
      const listening = this.#server!.listen(0, '127.0.0.1', () => resolve((listening.address() as AddressInfo).port));
    });
    return this;
  }

  async stop(): Promise<void> {
    this.#hangUp();
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()));
  }

  async #keep(raw: Buffer, recipients: readonly string[], done: () => void): Promise<void> {
    this.mails.push({ raw: raw.toString('latin1'), parsed: await simpleParser(raw), recipients });
    // Taken, but the sender never hears of it.
    if (this.manners === 'drop-after-data') this.#hangUp();
    else if (this.manners !== 'keep-in-silence') done();
  }

  #hangUp(): void {
    const { connections } = this.#server as unknown as { connections: Set<{ _socket: { destroy(): void } }> };
    for (const connection of connections) connection._socket.destroy();
  }
}

const reply = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode });

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
