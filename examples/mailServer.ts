import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';

/** A mail server in this process, on the loopback interface. It accepts every mail. */
export interface MailServer {
  /** The addresses of received mails. */
  readonly received: readonly string[];
  /** Sends a mail over SMTP. Resolves when the server has accepted it. */
  send(mail: { readonly to: string; readonly subject: string; readonly text: string }): Promise<void>;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, { envelope }, done) => {
      stream.resume();
      stream.once('end', () => {
        received.push(...envelope.rcptTo.map(({ address }) => address));
        done();
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const transport = createTransport({ host: '127.0.0.1', port: (listening.address() as AddressInfo).port, secure: false, ignoreTLS: true });
  return {
    received,
    send: async (mail) => void (await transport.sendMail({ from: 'shop@example.org', ...mail })),
    close: async () => {
      transport.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
