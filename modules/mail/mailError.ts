import { ADDRESS } from '../../constants/mailTexts';
import type { ErrorDetail } from '../errors/holdfastError';
import { HoldfastError } from '../errors/holdfastError';
import { permanently } from '../task/handlerErrors';
import { readProperty } from '../values/readProperty';
import { scrub } from '../values/scrub';

/** A mail that cannot be made. */
export const invalidMail = (detail: ErrorDetail): HoldfastError => permanently(new HoldfastError('HOLDFAST_MAIL_INVALID', detail));

/** A mail that did not reach the server in time. */
export const lateMail = (timeoutMs: number): HoldfastError =>
  new HoldfastError('HOLDFAST_MAIL_FAILED', { because: `it was not accepted within ${timeoutMs} ms` });

/** The codes of nodemailer for what a server says of one mail, in place of the connection. */
const OF_ONE_MAIL = new Set(['EENVELOPE', 'EMESSAGE']);

/** Replies that speak of the login of the sender: with another one, the same mail passes. */
const OF_LOGIN = new Set([530, 534, 535, 538]);

/**
 * Returns what a mail that was not accepted is: refused for good, if the server has said so by a code of 500 to 599 about this mail, else to be tried
 * again. A login that is refused, and a server that lets nobody in, says nothing about the mail.
 */
export function mailError(thrown: unknown): HoldfastError {
  const code = readProperty(thrown, 'code');
  const reply = readProperty(thrown, 'responseCode');
  const because = saidBy(thrown, typeof code === 'string' ? code : 'a fault of the network');
  const isRefused = OF_ONE_MAIL.has(String(code)) && (typeof reply !== 'number' || (reply >= 500 && !OF_LOGIN.has(reply)));
  const detail = { because, cause: thrown };
  return isRefused ? permanently(new HoldfastError('HOLDFAST_MAIL_REFUSED', detail)) : new HoldfastError('HOLDFAST_MAIL_FAILED', detail);
}

/** The words of the server, without addresses; else the code of the fault. */
function saidBy(thrown: unknown, code: string): string {
  const response = readProperty(thrown, 'response');
  if (typeof response !== 'string' || response === '') return code;
  const words = response.split(/\s+/).map((word) => (ADDRESS.test(word.replace(/^[<(]+|[>),.;:]+$/g, '')) ? '<address>' : word));
  return scrub(words.join(' '));
}
