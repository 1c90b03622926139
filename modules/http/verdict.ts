import type { ResolvedHttpOptions } from '../../config/httpOptions';
import { failedRequest, refusedRequest } from './httpError';
import type { HttpError } from './httpError';
import type { Hop, HttpAnswer } from './httpTypes';
import { headerOf } from './readAnswer';
import type { RawHeaders } from './readAnswer';
import { retryAfterMs } from './retryAfter';

/** Statuses below 500 that pass: a slow request, one too early, too many. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Returns the error that an answer is, or undefined for one that is accepted.
 *
 * @param headers all headers of the answer.
 */
export function faultOf(
  hop: Hop,
  answer: HttpAnswer,
  headers: RawHeaders,
  { accepts, retryAfterMaxMs }: { readonly accepts: readonly number[] } & Pick<ResolvedHttpOptions, 'retryAfterMaxMs'>,
): HttpError | undefined {
  const { status } = answer;
  if ((status >= 200 && status < 300) || accepts.includes(status)) return undefined;
  if (status < 500 && !PASSING.has(status)) return refusedRequest(hop, `was answered by ${status}`, answer);
  const delayMs = retryAfterMs(headerOf(headers, 'retry-after'), headerOf(headers, 'date'), Date.now(), retryAfterMaxMs);
  return failedRequest(hop, `was answered by ${status}`, { answer, delayMs });
}

/** Tells whether an error speaks against the host: it was not reached in time, or is at fault by its own word. */
export const speaksAgainstHost = ({ code, answer }: HttpError): boolean =>
  code === 'HOLDFAST_REQUEST_FAILED' && (answer === undefined || answer.status >= 500);
