import { join } from 'node:path';
import { types } from 'node:util';
import { ERROR_CATALOGUE } from '../../constants/errors';
import type { ErrorCode } from '../../constants/errors';
import { clipText } from '../values/clipText';
import { isError, isMarked } from '../values/isError';
import { scrub } from '../values/scrub';

/** The details that an error adds to its entry in the catalogue. */
export interface ErrorDetail {
  /** The option, argument or path at fault, for example `retention.deadMs` or `payload.items[3]`. */
  readonly field?: string;
  /** The flags or environment variables that set the value, for example `--lease-ms`. */
  readonly source?: string;
  /** The expected value, for example `an integer from 1 to 10000`. */
  readonly expected?: string;
  /** A description of the actual value that does not quote the user's data. */
  readonly got?: string;
  /** All paths at fault, if there are several. */
  readonly paths?: readonly string[];
  readonly cause?: unknown;
  /** The cause in words, without secrets. By default the scrubbed message of the cause, for the codes of a store. */
  readonly because?: string;
  /** The whole message, where another process has composed it. */
  readonly message?: string;
}

/**
 * An error of Holdfast, with a stable code from the catalogue.
 *
 * Its message names what is wrong, where, what was expected and how to fix it. It never quotes a payload.
 *
 * @example
 * await mail.add('welcome', payload).catch(async (error: unknown) => {
 *   if (isHoldfastError(error, 'HOLDFAST_PAYLOAD_TOO_LARGE')) return mail.add('welcome-file', { file: await upload(payload) });
 *   throw error;
 * });
 */
export class HoldfastError extends Error {
  /** Always `HoldfastError`. */
  declare readonly name: 'HoldfastError';
  /** A stable code, a key of `ERROR_CATALOGUE`. Codes are never reused. */
  declare readonly code: ErrorCode;
  /** The option, argument or path at fault, for example `retention.deadMs`; undefined if there is none. */
  declare readonly field: string | undefined;
  /** The expected value in words, for example `an integer from 1 to 10000`; undefined if the error does not state one. */
  declare readonly expected: string | undefined;
  /** All paths at fault. Only some checks find more than the first. */
  declare readonly paths: readonly string[];
  readonly #detail: ErrorDetail;

  /** @internal */
  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    const { field, expected, paths, cause } = detail;
    super(composeMessage(code, detail));
    this.#detail = detail;
    const own = { code, field, expected, paths: paths ?? (field === undefined ? [] : [field]) };
    for (const [name, value] of Object.entries(own)) Object.defineProperty(this, name, { value, configurable: true });
    shorten(this, cause);
  }

  /** Returns the same error with its paths prefixed, for example by `tasks[1]`. @internal */
  within(place: string): HoldfastError {
    const outside = (path: string): string => `${place}.${path}`;
    const field = this.field === undefined ? place : outside(this.field);
    return new HoldfastError(this.code, { ...this.#detail, field, paths: this.paths.map(outside) });
  }

  /** Returns the same error with the flag or variable that set the value. @internal */
  from(name: string): HoldfastError {
    const { source } = this.#detail;
    return new HoldfastError(this.code, { ...this.#detail, source: source === undefined ? name : `${source}, ${name}` });
  }
}

/** The mark by which the errors of every copy of the package are known. */
const HOLDFAST_ERROR = Symbol.for('holdfast.HoldfastError');

Object.defineProperty(HoldfastError.prototype, HOLDFAST_ERROR, { value: true });
Object.defineProperty(HoldfastError.prototype, 'name', { value: 'HoldfastError' });

/**
 * Tells whether a value is a HoldfastError, also one of another copy of the package, and has the given code if one is passed.
 *
 * @example
 * if (isHoldfastError(signal.reason, 'HOLDFAST_STOPPING')) await saveWhatIsDone();
 */
export const isHoldfastError = (value: unknown, code?: ErrorCode): value is HoldfastError =>
  isMarked(value, HOLDFAST_ERROR) && (code === undefined || (value as HoldfastError).code === code);

const UNANSWERED: ReadonlySet<ErrorCode> = new Set([
  'HOLDFAST_STORE_UNREACHABLE',
  'HOLDFAST_FILE_UNUSABLE',
  'HOLDFAST_STORE_TIMEOUT',
  'HOLDFAST_INSERT_UNKNOWN',
]);

/** Tells whether the store was unreachable or did not answer in time. Such a call may still have been carried out. */
export const isUnanswered = (value: unknown): boolean => isHoldfastError(value) && UNANSWERED.has(value.code);

/** Describes a value without quoting it, for messages that may be logged. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (types.isPromise(value)) return 'a Promise';
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  return `a value of type ${typeof value}`;
}

/** Places of a stack that are kept. */
const PLACES = 2;

/** The folder of Holdfast's own code. A bundle of ES modules has no `__dirname`, and no folder of its own. */
export const OWN_FOLDER = typeof __dirname === 'string' ? join(__dirname, '..', '..') : null;

/**
 * Makes what Node.js prints of an error that nobody catches five lines. It prints the whole of a cause, which for a driver is a hundred lines, unless a
 * getter gives it.
 */
function shorten(error: HoldfastError, cause: unknown): void {
  const captured: { readonly stack?: string } = {};
  Error.captureStackTrace(captured, HoldfastError);
  Object.defineProperty(error, 'stack', {
    get: () => [`${error.name}: ${error.message}`, ...placesOf(captured.stack ?? '')].join('\n'),
    configurable: true,
  });
  if (cause !== undefined) Object.defineProperty(error, 'cause', { get: () => cause, configurable: true });
}

/** Returns the first places of a stack in the caller's code; those of Holdfast if there are no others. */
function placesOf(stack: string): string[] {
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line) && !/\(?node:|node_modules/.test(line));
  const callers = places.filter((line) => OWN_FOLDER === null || !line.includes(OWN_FOLDER));
  return (callers.length > 0 ? callers : places).slice(0, PLACES);
}

/** Maximum length of a cause in a message. */
const CAUSE_CHARACTERS = 500;

/** The causes of these lie outside the program, and only the driver knows them. */
const TELLS_CAUSE: ReadonlySet<ErrorCode> = new Set([
  'HOLDFAST_STORE_UNREACHABLE',
  'HOLDFAST_STORE_UNFIT',
  'HOLDFAST_LOGIN_REFUSED',
  'HOLDFAST_RIGHTS_MISSING',
  'HOLDFAST_FILE_UNUSABLE',
  'HOLDFAST_URL_INVALID',
]);

function composeMessage(code: ErrorCode, detail: ErrorDetail): string {
  const { field, source, expected, got, message } = detail;
  if (message !== undefined) return message;
  const { says, fix } = ERROR_CATALOGUE[code];
  const place = field === undefined ? '' : `: ${source === undefined ? field : `${source} (${field})`}`;
  const wanted = expected === undefined ? '' : `${field === undefined ? ':' : ''} ${field === undefined ? 'expected' : 'must be'} ${expected}`;
  const instead = got === undefined ? '' : `, got ${got}`;
  return `${says}${place}${wanted}${instead}${causeOf(code, detail)}. ${fix} (${code})`;
}

function causeOf(code: ErrorCode, { cause, because }: ErrorDetail): string {
  const said = because ?? (TELLS_CAUSE.has(code) && isError(cause) ? scrub(cause.message) : '');
  const sentence = clipText(said.replace(/\s+/g, ' ').replace(/\.?\s*$/, ''), CAUSE_CHARACTERS);
  return sentence === '' ? '' : `: ${sentence}`;
}
