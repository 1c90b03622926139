import { causeOfFetch } from './causeOfFetch';
import type { ProblemCode } from './wireTypes';
import type { WireProblem } from './wire';

/** The codes of faults that the server did not tell. */
export type ClientFaultCode =
  /** An option or argument of the client is invalid. */
  | 'option_invalid'
  /** No connection, or it broke before the answer had come. */
  | 'unreachable'
  /** The answer took longer than `timeoutMs`. */
  | 'timed_out'
  /** What came is no answer of the broker: of a proxy, for example. */
  | 'answer_invalid'
  /** The client is closed. */
  | 'client_closed';

/** The code of a BrokerError: that of the answer, or one of the client. */
export type BrokerErrorCode = ProblemCode | ClientFaultCode;

interface Facts {
  readonly status?: number;
  readonly problem?: WireProblem;
  readonly cause?: unknown;
  readonly isTransient?: boolean;
  readonly isUnsent?: boolean;
  readonly retryAfterMs?: number;
}

/**
 * An error of the client.
 *
 * @example
 * try {
 *   await client.ack(message);
 * } catch (error) {
 *   if (!(error instanceof BrokerError && error.code === 'receipt_stale')) throw error;
 * }
 */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  /** Stable, for programs: a code of docs/broker.md, or one of the client's own. */
  readonly code: BrokerErrorCode;
  /** The status of the answer, if one came. */
  readonly status: number | undefined;
  /** What the server told, as RFC 9457 describes it. */
  readonly problem: WireProblem | undefined;
  /** True if the same call may succeed later. What it was to do may have been done already, unless `isUnsent`. */
  readonly isTransient: boolean;
  /** True if the call has not reached the server. */
  readonly isUnsent: boolean;
  /** The time after which the server wants to be asked again. @internal */
  readonly retryAfterMs: number;

  /** @internal */
  constructor(
    code: BrokerErrorCode,
    message: string,
    { status, problem, cause, isTransient = false, isUnsent = false, retryAfterMs = 0 }: Facts = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.isTransient = isTransient;
    this.isUnsent = isUnsent;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Codes of the server after which the same call may succeed. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set(['store_unavailable', 'request_timeout'] satisfies ProblemCode[]);

/** Statuses of proxies after which the same call may succeed. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/** Makes the error of a fault that the server told. */
export const errorOfProblem = (problem: WireProblem, retryAfterMs = 0): BrokerError =>
  new BrokerError(problem.code, problem.detail, {
    ...{ status: problem.status, problem, retryAfterMs },
    isTransient: TRANSIENT_CODES.has(problem.code),
  });

/** Makes the error of an answer that is not one of the broker. */
export const errorOfStatus = (status: number, url: string, retryAfterMs = 0): BrokerError =>
  new BrokerError('answer_invalid', `The answer of ${url}, with the status ${status}, is not one of a broker of Holdfast.`, {
    ...{ status, retryAfterMs },
    isTransient: TRANSIENT_STATUSES.has(status),
  });

/** Codes of connections that were never made. */
const UNSENT_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Makes the error of a call that got no answer. */
export function errorOfFetch(error: unknown, url: string): BrokerError {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return new BrokerError('unreachable', `The broker at ${url} gave no answer: ${causeOfFetch(error)}`, {
    ...{ cause: error, isTransient: true, isUnsent: UNSENT_CODES.has(cause?.code) },
  });
}
