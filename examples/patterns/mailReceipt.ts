import { Queue, Worker } from 'holdfast';
import type { Store } from 'holdfast';
import { mailClient, mailHandler } from 'holdfast/mail';
import type { MailClient, MailMessage } from 'holdfast/mail';

type Tasks = { receipt: MailMessage };

const RECEIPT = { subject: 'Receipt for {{order}}', text: 'Dear {{name}}, we got {{sum}}.', html: '<p>Dear {{name}}, we got {{sum}}.</p>' };

export const receiptMailer = (smtp: string) => mailClient({ smtp, from: 'Shop <shop@example.org>', templates: { receipt: RECEIPT } });

/** One task a recipient. Servers that defer a mail want to be left alone for minutes. */
export const sendReceipt = (store: Store, to: string, data: { order: number; name: string; sum: string }) => {
  const patience = { maxRetries: 8, backoff: { type: 'exponential', minMs: 60_000, maxMs: 3_600_000 } } as const;
  return new Queue<Tasks>(store, 'mails').add('receipt', { to, template: 'receipt', data }, { ...patience, uniqueKey: `receipt ${data.order}` });
};

export const receiptWorker = (store: Store, mailer: MailClient) =>
  new Worker<Tasks>(store, { queues: ['mails'], handlers: { receipt: mailHandler(mailer) } });
