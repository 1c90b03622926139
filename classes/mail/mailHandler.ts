import type { MailMessage, MailReceipt } from '../../modules/mail/mailTypes';
import type { TaskContext } from '../../modules/worker/taskContext';
import { mailClient } from './mailClient';
import type { MailArguments, MailClient } from './mailClient';

/** A handler whose payload is a mail, and whose result is the receipt. */
export interface MailHandler {
  (context: TaskContext<MailMessage>): Promise<MailReceipt>;
  /** Closes the connections of the handler. Of a client that was passed, they stay open. */
  close(): void;
}

/**
 * Makes a handler that sends the mail in the payload.
 *
 * @param given the options of a client of its own, or a client to share its connections and templates.
 * @throws HOLDFAST_OPTION_…, HOLDFAST_PEER_MISSING.
 * @example
 * worker.handle('mail', mailHandler({ smtp: 'smtp://localhost', from: 'news@example.org', templates }));
 */
export function mailHandler(given: MailArguments | MailClient): MailHandler {
  const isShared = isClient(given);
  const client = isShared ? given : mailClient(given);
  const handle = (context: TaskContext<MailMessage>): Promise<MailReceipt> => client.send(context.payload, context);
  return Object.assign(handle, { close: () => (isShared ? undefined : client.close()) });
}

/** A client of another copy of the package is one too. */
const isClient = (given: MailArguments | MailClient): given is MailClient => typeof (given as Partial<MailClient>).send === 'function';
