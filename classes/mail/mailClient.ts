import type { Transporter } from 'nodemailer';
import { mailOptions } from '../../config/mailOptions';
import type { ResolvedMailOptions } from '../../config/mailOptions';
import type { MailOptions } from '../../config/optionTypes';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkMail } from '../../modules/mail/checkMail';
import { lateMail, mailError } from '../../modules/mail/mailError';
import type { MailMessage, MailReceipt } from '../../modules/mail/mailTypes';
import { messageIdOf } from '../../modules/mail/messageId';
import { senderOf } from '../../modules/mail/senderOf';
import type { Sender } from '../../modules/mail/senderOf';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { Caller } from '../../modules/worker/caller';
import { mailPeers } from './mailPeers';
import { MailTemplates } from './mailTemplates';
import { pooledTransport } from './pooledTransport';
import type { Pool } from './pooledTransport';

/** Options of a mail client. */
export type MailArguments = Pick<MailOptions, 'smtp' | 'from' | 'templates'> & Partial<MailOptions>;

/**
 * Makes a client for the handlers of a process. It has the connections, so one is made for all handlers, and closed after their worker.
 *
 * @throws HOLDFAST_OPTION_…, HOLDFAST_PEER_MISSING.
 * @example
 * const mailer = mailClient({ smtp: 'smtp://localhost', from: 'news@example.org', templates });
 */
export const mailClient = (options: MailArguments): MailClient => new MailClient(resolveOptions(mailOptions, options, 'mail'));

/**
 * A client that sends mails from templates, and whose errors say what becomes of a task.
 *
 * @example
 * await mailer.send({ to: 'a@example.org', template: 'welcome', data: { name: 'Ada' } }, context);
 */
export class MailClient {
  readonly #options: ResolvedMailOptions;
  readonly #templates: MailTemplates;
  readonly #pool: Pool;
  readonly #sender: Sender;
  #isClosed = false;

  /** Use `mailClient`. @internal */
  constructor(options: ResolvedMailOptions) {
    const { handlebars, nodemailer } = mailPeers();
    this.#options = options;
    this.#sender = senderOf(options.from);
    this.#templates = new MailTemplates(handlebars, options.templates);
    this.#pool = pooledTransport(nodemailer, options);
  }

  /**
   * Sends a mail to one recipient, and resolves when the server has accepted it.
   *
   * @param caller the context of the handler or of a step: the `Message-ID` is made from its key or id and the recipient, and its signal ends the call.
   * @throws HOLDFAST_MAIL_INVALID and HOLDFAST_MAIL_REFUSED, after which the task is dead; HOLDFAST_MAIL_FAILED, after which it is tried again;
   * HOLDFAST_CLIENT_CLOSED; the reason of the signal.
   * @example
   * const { messageId } = await mailer.send({ to: 'a@example.org', template: 'welcome', data: { name: 'Ada' } }, context);
   */
  async send(mail: MailMessage, { key, id, signal }: Caller = {}): Promise<MailReceipt> {
    const checked = checkMail(mail);
    const texts = this.#templates.render(checked);
    if (this.#isClosed) throw new HoldfastError('HOLDFAST_CLIENT_CLOSED');
    signal?.throwIfAborted();
    const { name, address, domain } = this.#sender;
    const own = key ?? id;
    return this.#withinTime(signal, {
      ...texts,
      from: { name, address },
      to: { name: checked.name ?? '', address: checked.to },
      ...(this.#options.replyTo === undefined ? {} : { replyTo: this.#options.replyTo }),
      ...(own === undefined ? {} : { messageId: messageIdOf(own, checked.to, domain) }),
      // Other programs then send no notice of absence.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  }

  /**
   * Closes the connections; a mail that the server is taking is ended first. A mail sent later is refused.
   *
   * @example
   * await worker.stop();
   * mailer.close();
   */
  close(): void {
    this.#isClosed = true;
    this.#pool.close();
  }

  /** Ends a mail at its time limit, or with its task. */
  async #withinTime(signal: AbortSignal | undefined, mail: Parameters<Transporter['sendMail']>[0]): Promise<MailReceipt> {
    const { timeoutMs } = this.#options;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      const { messageId, response } = await this.#pool.sendMail({ ...mail, signal: signal ? AbortSignal.any([limit.signal, signal]) : limit.signal });
      return { messageId, response };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw limit.signal.aborted ? lateMail(timeoutMs) : mailError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
