import { ERROR_CATALOGUE } from '../../constants/errors';
import type { ErrorCode } from '../../constants/errors';
import { clipText } from '../values/clipText';
import { scrub } from '../values/secrets';

/** What an error adds to its entry in the catalogue. */
export interface ErrorDetail {
  /** Where: the option, argument or path at fault, as `retention.deadMs` or `payload.items[3]`. */
  readonly field?: string;
  /** What gave the value: the flags or environment variables, as `--lease-ms`. */
  readonly source?: string;
  /** What was expected there, as `an integer from 1 to 10000`. */
  readonly expected?: string;
  /** What came instead, told without quoting the user's data. */
  readonly got?: string;
  /** Where more than one place is at fault: each. */
  readonly paths?: readonly string[];
  readonly cause?: unknown;
  /** What the cause says, without secrets; by default its message without what looks like one, where the code is that of a store. */
  readonly because?: string;
}

/**
 * An error of Holdfast, with a stable code from the catalogue.
 *
 * Its message says what is wrong, where, what was expected and how to fix it; it never quotes a payload.
 *
 * @example
 * await mail.add('welcome', payload).catch(async (error: unknown) => {
 *   if (isHoldfastError(error, 'HOLDFAST_PAYLOAD_TOO_LARGE')) return mail.add('welcome-file', { file: await upload(payload) });
 *   throw error;
 * });
 */
export class HoldfastError extends Error {
  /** The name that logs show. */
  override readonly name = 'HoldfastError';
  /** Stable, and never reused: one of `ERROR_CATALOGUE`. */
  readonly code: ErrorCode;
  /** The option, argument or path at fault, as `retention.deadMs`; undefined where none is. */
  readonly field: string | undefined;
  /** What was expected there, as `an integer from 1 to 10000`; undefined where that is not to be told. */
  readonly expected: string | undefined;
  /** Every place at fault, where it was looked for all of them. */
  readonly paths: readonly string[];
  readonly #detail: ErrorDetail;

  /** @internal */
  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    const { field, expected, paths, cause } = detail;
    super(composeMessage(code, detail), cause === undefined ? undefined : { cause });
    this.#detail = detail;
    this.code = code;
    this.field = field;
    this.expected = expected;
    this.paths = paths ?? (field === undefined ? [] : [field]);
  }

  /** The same fault, seen from outside of a place, as `tasks[1]`. @internal */
  within(place: string): HoldfastError {
    const outside = (path: string): string => `${place}.${path}`;
    const field = this.field === undefined ? place : outside(this.field);
    return new HoldfastError(this.code, { ...this.#detail, field, paths: this.paths.map(outside) });
  }

  /** The same fault, with what gave the value. @internal */
  from(name: string): HoldfastError {
    const { source } = this.#detail;
    return new HoldfastError(this.code, { ...this.#detail, source: source === undefined ? name : `${source}, ${name}` });
  }
}

/**
 * Tells whether a value is an error of Holdfast, and of the given code where one is named.
 *
 * @example
 * if (isHoldfastError(signal.reason, 'HOLDFAST_STOPPING')) await saveWhatIsDone();
 */
export const isHoldfastError = (value: unknown, code?: ErrorCode): value is HoldfastError =>
  value instanceof HoldfastError && (code === undefined || value.code === code);

const UNANSWERED: ReadonlySet<ErrorCode> = new Set(['HOLDFAST_STORE_UNREACHABLE', 'HOLDFAST_FILE_UNUSABLE', 'HOLDFAST_STORE_TIMEOUT']);

/** Tells whether the store was not reached, or did not answer in time: what was asked of it may have happened. */
export const isUnanswered = (value: unknown): boolean => isHoldfastError(value) && UNANSWERED.has(value.code);

/** Names the kind of a value without quoting it, for messages that may be logged. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Promise) return 'a Promise';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  return `a value of type ${typeof value}`;
}

/** So much of what a cause says. */
const CAUSE_CHARACTERS = 500;

/** Their causes lie outside of the program, and only the driver knows them. */
const TELLS_CAUSE: ReadonlySet<ErrorCode> = new Set([
  'HOLDFAST_STORE_UNREACHABLE',
  'HOLDFAST_STORE_UNFIT',
  'HOLDFAST_FILE_UNUSABLE',
  'HOLDFAST_URL_INVALID',
]);

function composeMessage(code: ErrorCode, detail: ErrorDetail): string {
  const { field, source, expected, got } = detail;
  const { says, fix } = ERROR_CATALOGUE[code];
  const place = field === undefined ? '' : `: ${source === undefined ? field : `${source} (${field})`}`;
  const wanted = expected === undefined ? '' : `${field === undefined ? ':' : ''} ${field === undefined ? 'expected' : 'must be'} ${expected}`;
  const instead = got === undefined ? '' : `, got ${got}`;
  return `${says}${place}${wanted}${instead}${causeOf(code, detail)}. ${fix} (${code})`;
}

function causeOf(code: ErrorCode, { cause, because }: ErrorDetail): string {
  const said = because ?? (TELLS_CAUSE.has(code) && cause instanceof Error ? scrub(cause.message) : '');
  const sentence = clipText(said.replace(/\s+/g, ' ').replace(/\.?\s*$/, ''), CAUSE_CHARACTERS);
  return sentence === '' ? '' : `: ${sentence}`;
}
