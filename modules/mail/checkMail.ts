import { mailMessage } from '../../config/mailOptions';
import type { CheckedMail } from '../../config/mailOptions';
import { isHoldfastError } from '../errors/holdfastError';
import { resolveOptions } from '../options/resolveOptions';
import { invalidMail } from './mailError';

/**
 * Checks a mail, which may be the payload of anybody.
 *
 * @throws HOLDFAST_MAIL_INVALID, for which its task is dead at once.
 */
export function checkMail(given: unknown): CheckedMail {
  try {
    return resolveOptions(mailMessage, given ?? {}, 'mail');
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    throw invalidMail({ field: error.field ?? 'mail', expected: error.expected ?? 'one of the properties to, name, template and data' });
  }
}
