import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as a server has accepted it. */
export interface Accepted {
  readonly from: string;
  readonly to: readonly string[];
  /** The whole mail, headers and body. */
  readonly source: string;
}

/** The reply to a step of a mail: undefined to accept, or a code and its text. */
type Reply = [code: number, text: string] | undefined;

/** A mail server on the loopback interface. */
export class SmtpSink {
  readonly accepted: Accepted[] = [];
  /** The connections there were, and the most at once. */
  connections = 0;
  mostOpen = 0;
  atRecipient: (address: string) => Reply = () => undefined;
  atData: () => Reply | Promise<Reply> = () => undefined;
  atLogin: () => Reply = () => undefined;
  port = 0;
  /** Tells whether to break off the connection when a mail has been accepted, before that is said. */
  breaksOff: () => boolean = () => false;
  #open = 0;
  readonly #server: SMTPServer;

  private constructor(needsLogin: boolean) {
    this.#server = new SMTPServer({
      ...(needsLogin ? { disabledCommands: ['STARTTLS'] } : { authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'] }),
      allowInsecureAuth: true,
      onConnect: (_session, done) => {
        this.connections += 1;
        this.#open += 1;
        this.mostOpen = Math.max(this.mostOpen, this.#open);
        done();
      },
      onClose: () => (this.#open -= 1),
      onAuth: ({ username }, _session, done) => {
        const fault = faultOf(this.atLogin());
        if (fault) done(fault);
        else done(null, { user: username });
      },
      onRcptTo: ({ address }, _session, done) => done(faultOf(this.atRecipient(address))),
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.once('end', () => {
          void Promise.resolve(this.atData()).then((reply) => {
            const fault = faultOf(reply);
            if (fault) return done(fault);
            const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
            this.accepted.push({ from, to: envelope.rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString() });
            if (this.breaksOff()) this.#breakOff();
            else done();
          });
        });
      },
    });
    // A connection that breaks off is what some tests are about.
    this.#server.on('error', () => undefined);
  }

  static async start({ needsLogin = false } = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(needsLogin);
    await once(sink.#server.listen(0, '127.0.0.1'), 'listening');
    sink.port = (sink.#server.server.address() as AddressInfo).port;
    return sink;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Breaks off all connections, and takes no more. */
  async close(): Promise<void> {
    this.#breakOff();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #breakOff(): void {
    for (const connection of this.#server.connections) (connection as unknown as { close(): void }).close();
  }
}

const faultOf = (reply: Reply): Error | null => (reply ? Object.assign(new Error(reply[1]), { responseCode: reply[0] }) : null);
