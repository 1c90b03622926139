import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server';
import type { Journal } from './journal';

/** A mail server that accepts every mail of a known recipient, as often as it comes, and writes it down before it says so. */
export interface SmtpSink {
  readonly port: number;
  close(): Promise<void>;
}

/** The habits of the server. */
export interface SmtpHabits {
  /** The share of recipients that it refuses for now, with 451. */
  readonly deferred: number;
  /** The port, 0 for any. */
  readonly port?: number;
}

/** Addresses that begin so belong to nobody: the server refuses them for good, with 550. */
export const NOBODY = 'nobody';

class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

export async function startSmtpSink(journal: Pick<Journal, 'write'>, { deferred, port = 0 }: SmtpHabits): Promise<SmtpSink> {
  const judge = ({ address: to }: SMTPServerAddress): Refusal | null => {
    if (to.startsWith(NOBODY)) return new Refusal(550, 'no such user');
    return Math.random() < deferred ? new Refusal(451, 'try again later') : null;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo: (address, _session, done) => {
      const refusal = judge(address);
      if (refusal) journal.write({ did: 'refused', to: address.address, code: refusal.responseCode, at: Date.now() });
      done(refusal);
    },
    onData: (stream, session, done) => void textOf(stream).then((text) => done(accept(text, session, journal)), done),
  });
  server.on('error', () => undefined);
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function accept(text: string, { envelope, hostNameAppearsAs }: SMTPServerSession, journal: Pick<Journal, 'write'>): null {
  const mailId = /^Message-ID: (.*)$/im.exec(text)?.[1]?.trim() ?? '';
  // The messages of the demonstration begin with their id.
  const about = /\[([0-9a-f-]{36})\]/.exec(text)?.[1] ?? '';
  for (const { address: to } of envelope.rcptTo) journal.write({ did: 'accepted', to, about, from: hostNameAppearsAs || '', mailId, at: Date.now() });
  return null;
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
