import type { ErrorCode } from '../../constants/errors';
import { HoldfastError } from '../errors/holdfastError';
import type { ErrorDetail } from '../errors/holdfastError';
import { permanently, retriedAfter, snoozing } from '../task/handlerErrors';
import type { Hop, HttpAnswer } from './httpTypes';

/**
 * A request that came to nothing. Thrown out of a handler it decides what becomes of the task: dead at once, tried again, or put off without a failure.
 *
 * Its message names the method and the origin only, because paths and queries hold secrets.
 *
 * @example
 * await client.request({ url, method: 'DELETE' }, context).catch((error: unknown) => {
 *   if (error instanceof HttpError && error.answer?.status === 410) return;
 *   throw error;
 * });
 */
export class HttpError extends HoldfastError {
  /** The answer, if there was one. */
  declare readonly answer: HttpAnswer | undefined;

  /** @internal */
  constructor(code: ErrorCode, detail: ErrorDetail, answer?: HttpAnswer) {
    super(code, detail);
    // It may hold what must not be logged.
    Object.defineProperty(this, 'answer', { value: answer, enumerable: false });
  }
}

/** A request that cannot be made. */
export const invalidRequest = (field: string, expected: string): HttpError =>
  permanently(new HttpError('HOLDFAST_REQUEST_INVALID', { field, expected }));

/** A host whose address is not public. The address is not told: it would tell whoever wrote the payload about the inside of the network. */
export const refusedAddress = (host: string): HttpError => permanently(new HttpError('HOLDFAST_ADDRESS_REFUSED', { because: host }));

/** A request that must not be repeated as it is. */
export const refusedRequest = (hop: Hop, why: string, answer: HttpAnswer): HttpError =>
  permanently(new HttpError('HOLDFAST_REQUEST_REFUSED', { because: `${nameOf(hop)} ${why}` }, answer));

/** A request to repeat, after a delay that the other side asked for if there is one. */
export function failedRequest(
  hop: Hop,
  why: string,
  rest: { readonly answer?: HttpAnswer; readonly delayMs?: number | undefined; readonly cause?: unknown } = {},
): HttpError {
  const error = new HttpError('HOLDFAST_REQUEST_FAILED', { because: `${nameOf(hop)} ${why}`, cause: rest.cause }, rest.answer);
  return rest.delayMs === undefined ? error : retriedAfter(error, rest.delayMs);
}

/** A host that is not called for a while. */
export const restingHost = (host: string, delayMs: number): HttpError => snoozing(new HttpError('HOLDFAST_HOST_RESTING', { because: host }), delayMs);

const nameOf = ({ method, url }: Hop): string => `${method} ${url.origin}`;
