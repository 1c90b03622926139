import { Type } from 'typebox';
import { defineEvent } from '../index';
import type { MailServer } from './mailServer';

/** The background work of a small shop. Each kind of event is declared once, in one place. */

/** Sends a mail to a new customer. */
export const signUpEvent = (mail: MailServer) =>
  defineEvent({
    name: 'sign-up',
    schema: Type.Object({ to: Type.String({ minLength: 3 }), plan: Type.Union([Type.Literal('free'), Type.Literal('paid')]) }),
    concurrency: 5,
    sanitize: ({ to, plan }) => ({ domain: to.split('@')[1], plan }),
    unique: ({ to }) => to,
    timeoutMs: 10_000,
    retention: { succeededMs: 60_000, succeededLast: 100 },
    process: async ({ to }, { id }) => {
      await mail.send({ to, subject: 'Welcome', text: `Good to have you here. (${id})` });
      return { sent: true };
    },
  });

/** Charges a card at a bank. The bank fails the first time and quotes the card in its error. */
export const paymentEvent = () =>
  defineEvent({
    name: 'payment',
    schema: Type.Object({ order: Type.Integer(), card: Type.Object({ number: Type.String(), cvc: Type.String() }) }),
    concurrency: 2,
    redact: ['card.number', 'card.cvc'],
    retry: { maxRetries: 5, backoff: { type: 'exponential', minMs: 200, maxMs: 2_000 } },
    process: ({ order, card }, { attempt, log }) => {
      if (attempt === 1) throw new Error(`the bank did not answer for card ${card.number} with code ${card.cvc}`);
      log.info(`charged card ${card.number}`);
      return { order, charged: true };
    },
  });

/** Writes a report on a schedule. A shop would use the cron expression `0 2 * * *`; here it runs every five seconds. */
export const reportEvent = () =>
  defineEvent({
    name: 'nightly-report',
    schema: Type.Object({ title: Type.String() }),
    sanitize: (payload) => payload,
    repeat: { cron: '*/5 * * * * *', timeZone: 'Europe/Berlin', overlap: 'skip', misfire: 'skip', payload: { title: 'Sales of the day' } },
    retention: { succeededMs: 0 },
    process: ({ title }, { log }) => log.info(`wrote the report ${JSON.stringify(title)}`),
  });
