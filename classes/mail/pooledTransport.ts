import type { ResolvedMailOptions } from '../../config/mailOptions';
import type { MailPeers } from './mailPeers';

export type Pool = ReturnType<typeof pooledTransport>;

/**
 * Opens the pool of connections to a mail server.
 *
 * nodemailer would send a mail again by itself when a connection ends in the middle of it. Here the task does that, which counts and waits.
 */
export function pooledTransport({ createTransport }: MailPeers['nodemailer'], { smtp, connections, timeoutMs }: ResolvedMailOptions) {
  return createTransport({
    ...(typeof smtp === 'string' ? { url: smtp } : copyOf(smtp)),
    pool: true,
    maxConnections: connections,
    maxRequeues: 0,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // A template shows data, and reads neither files nor the web.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** nodemailer writes into its options, and those of the client are frozen. */
const copyOf = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, Object.getPrototypeOf(value ?? 0) === Object.prototype ? { ...(value as object) } : value]),
  );
