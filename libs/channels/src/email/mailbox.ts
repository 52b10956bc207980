import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import PostalMime from 'postal-mime';
import type { DeliveryResult } from '#domain';
import { codeOf } from '../error-code.js';
import type { Mail } from './compose.js';
import type { MailTransport } from './email.channel.js';

export interface MailboxEntry {
  /** The alert's id. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  /** When the mail was put into the box, by the wall's clock. */
  readonly arrivedAt: Date;
}

export interface MailboxMail extends MailboxEntry {
  readonly text: string;
  readonly html: string;
}

const suffix = '.eml';
const isId = (text: string): boolean => /^[A-Za-z0-9_-]{1,128}$/.test(text);

/** A folder of mails as any mail program opens them: where they go while no server is set. */
export class Mailbox {
  readonly #mime = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  #written = 0;

  constructor(readonly folder: string) {}

  /** A mail of the same id takes the old one's place: a re-send leaves one mail. */
  async put(id: string, mail: Mail): Promise<void> {
    if (!isId(id)) throw new TypeError('no mail can have this id');
    const { message } = await this.#mime.sendMail({
      ...mail,
      to: [...mail.to],
      headers: { ...mail.headers },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    await mkdir(this.folder, { recursive: true });
    // A reader, or a crash, finds the whole mail or none.
    const draft = join(this.folder, `.${id}.${process.pid}.${this.#written++}.draft`);
    try {
      const file = await open(draft, 'wx');
      try {
        await file.writeFile(message as Buffer);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, join(this.folder, id + suffix));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  /** Newest first. */
  async list(limit: number): Promise<readonly MailboxEntry[]> {
    const ids = (await this.#files())
      .filter((name) => name.endsWith(suffix))
      .map((name) => name.slice(0, -suffix.length));
    const dated = await Promise.all(ids.filter(isId).map(async (id) => ({ id, at: await this.#arrivedAt(id) })));
    const newest = dated.toSorted((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? -1 : 1)).slice(0, limit);
    const mails = await Promise.all(newest.map(({ id }) => this.read(id)));
    return mails.filter((mail) => mail !== null);
  }

  async read(id: string): Promise<MailboxMail | null> {
    if (!isId(id)) return null;
    let bytes: Buffer;
    try {
      bytes = await readFile(join(this.folder, id + suffix));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    const mail = await PostalMime.parse(bytes);
    return {
      id,
      to: (mail.to ?? []).map((to) => to.address ?? to.name).join(', '),
      subject: mail.subject ?? '',
      arrivedAt: await this.#arrivedAt(id),
      text: mail.text ?? '',
      html: mail.html ?? '',
    };
  }

  async #files(): Promise<readonly string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async #arrivedAt(id: string): Promise<Date> {
    try {
      return (await stat(join(this.folder, id + suffix))).mtime;
    } catch (error) {
      // Deleted by hand between two looks.
      if (isMissing(error)) return new Date(0);
      throw error;
    }
  }
}

export function mailboxTransport(mailbox: Mailbox): MailTransport {
  return {
    async send(mail, _signal, id): Promise<DeliveryResult> {
      try {
        await mailbox.put(id, mail);
        return { kind: 'delivered', receipt: 'mailbox' };
      } catch (error) {
        return { kind: 'retry', reason: 'unreachable', detail: `the mailbox cannot be written: ${codeOf(error)}` };
      }
    },
    close: async () => {},
  };
}

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';
