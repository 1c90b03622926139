import type { ErrorCode } from '../../constants/errors';
import { SQS_ERRORS } from '../../constants/sqsErrors';
import type { SqsErrorName, SqsErrorRow } from '../../constants/sqsErrors';
import { isHoldfastError, isUnanswered } from '../errors/holdfastError';

/** An error of the SQS endpoint that its client is told. */
export class SqsFault extends Error {
  override readonly name = 'SqsFault';
  readonly error: SqsErrorName;

  constructor(error: SqsErrorName, message: string) {
    super(message);
    this.error = error;
  }

  get row(): SqsErrorRow {
    return SQS_ERRORS[this.error];
  }
}

/** The fault of a parameter, in the words of SQS. */
export const badValue = (parameter: string, value: unknown, reason: string): SqsFault =>
  new SqsFault('InvalidParameterValue', `Value ${shown(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const missing = (parameter: string): SqsFault => new SqsFault('MissingParameter', `The request must contain the parameter ${parameter}.`);

export const noQueue = (): SqsFault => new SqsFault('QueueDoesNotExist', 'The specified queue does not exist.');

const SHOWN_CHARACTERS = 256;

const AWAY = 'The store did not answer.';

/** Returns a value as a text of a fault may have it. */
export const shown = (value: unknown): string => String(value).slice(0, SHOWN_CHARACTERS);

/** Errors of the broker that are a fault of the request; those without a text keep that of the broker. */
const OF_BROKER: Partial<Readonly<Record<ErrorCode, { readonly error: SqsErrorName; readonly message?: string }>>> = {
  HOLDFAST_QUEUE_UNKNOWN: { error: 'QueueDoesNotExist', message: 'The specified queue does not exist.' },
  HOLDFAST_RECEIPT_INVALID: { error: 'ReceiptHandleIsInvalid', message: 'The input receipt handle is invalid.' },
  HOLDFAST_MESSAGE_TOO_LARGE: { error: 'InvalidParameterValue' },
  HOLDFAST_PAYLOAD_TOO_LARGE: { error: 'InvalidParameterValue' },
  HOLDFAST_OPTION_INVALID: { error: 'InvalidParameterValue' },
  HOLDFAST_OPTION_UNKNOWN: { error: 'InvalidParameterValue' },
  HOLDFAST_STORE_CLOSED: { error: 'ServiceUnavailable', message: AWAY },
};

/**
 * Turns an error of the broker into that of SQS. What the store says is left out: it is in the log of the server.
 *
 * @returns undefined for an error that is no fault of the request or of the store: a bug.
 */
export function sqsFaultOf(error: unknown): SqsFault | undefined {
  if (error instanceof SqsFault) return error;
  if (isUnanswered(error)) return new SqsFault('ServiceUnavailable', AWAY);
  const known = isHoldfastError(error) ? OF_BROKER[error.code] : undefined;
  return known && new SqsFault(known.error, known.message ?? (error as Error).message);
}
