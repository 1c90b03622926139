import { types } from 'node:util';
import { EARLIEST_INSTANT, LATEST_INSTANT, NAME_CHARACTERS, PREFIX_CHARACTERS } from '../constants/limits';
import { integer, record, text, value } from './schema';
import type { OptionTable, RecordSchema, Schema } from './schema';

/** Kinds of values that options take. */

/** A number of whole milliseconds. */
export const milliseconds = (minimum: number, maximum: number, rest: OptionTable = {}) => integer({ minimum, maximum, unit: 'ms', ...rest });

/** A record whose minMs is at most its maxMs. */
export const bounds = <const Properties extends Readonly<Record<'minMs' | 'maxMs', OptionTable>>>(
  properties: Properties,
  rest: OptionTable = {},
): RecordSchema<Properties> => record(properties, { is: { holds: isInOrder, says: 'an object whose minMs is at most its maxMs' }, ...rest });

const isInOrder = (given: unknown): boolean => {
  const { minMs = 0, maxMs = Infinity } = (given ?? {}) as { readonly minMs?: number; readonly maxMs?: number };
  return minMs <= maxMs;
};

const isInstant = (given: unknown): boolean => types.isDate(given) && given.getTime() >= EARLIEST_INSTANT && given.getTime() <= LATEST_INSTANT;

/** A Date from 1970 to 9999, the range that both stores keep. */
export const instant = (rest: OptionTable = {}): Schema<Date> => value({ is: { holds: isInstant, says: 'a Date from 1970 to 9999' }, ...rest });

const isPlainObject = (given: unknown): boolean => Object.prototype.toString.call(given) === '[object Object]';

/** Plain data with named properties. */
export const object = (rest: OptionTable = {}): Schema<Readonly<Record<string, unknown>>> =>
  value({ type: 'object', is: { holds: isPlainObject, says: 'an object' }, ...rest });

/** A function. */
export const someFunction = <F = (...given: never[]) => unknown>(rest: OptionTable = {}): Schema<F> =>
  value({ is: { holds: (given) => typeof given === 'function', says: 'a function' }, ...rest });

/** A signal that stops something. One of another realm or library counts as well. */
export const abortSignal = (rest: OptionTable = {}): Schema<AbortSignal> => value({ is: { holds: isSignal, says: 'an AbortSignal' }, ...rest });

const isSignal = (given: unknown): boolean => {
  const { aborted, addEventListener } = (given ?? {}) as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
};

/** The user's functions by name. */
export const functionsByName = <F>(rest: OptionTable = {}): Schema<Record<string, F>> =>
  value({ type: 'object', additionalProperties: someFunction<F>(), default: {}, ...rest });

/** Text without control characters and lone surrogates. */
export const TEXT_PATTERN = '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$';

/** A name. */
export const name = (rest: OptionTable = {}) =>
  text({
    minLength: 1,
    maxLength: NAME_CHARACTERS,
    expects: `a string of 1 to ${NAME_CHARACTERS} characters without control characters`,
    pattern: TEXT_PATTERN,
    ...rest,
  });

/** The name of a task, or of a queue or several by a pattern. */
export const nameOption = name();

/** The name of one queue. A name that ends in `*` is a pattern, by which a worker serves several. */
export const queueNameOption = name({
  pattern: TEXT_PATTERN.replace('*$', '*(?<!\\*)$'),
  expects: `a string of 1 to ${NAME_CHARACTERS} characters without control characters that does not end in *, which a pattern does`,
});

/** The path of a file. */
export const filePath = (rest: OptionTable = {}) =>
  text({ minLength: 1, maxLength: 4_096, expects: 'the path of a file', pattern: TEXT_PATTERN, ...rest });

/** The URL of a store. */
export const storeUrl = (rest: OptionTable = {}) => text({ minLength: 1, maxLength: 4_096, ...rest });

/** The prefix of the names in a database. MongoDB and SQLite keep some for themselves. */
export const PREFIX_PATTERN = `^(?!(?:[sS][qQ][lL][iI][tT][eE]|system))[A-Za-z][A-Za-z0-9_]{0,${PREFIX_CHARACTERS - 1}}$`;

/** A UUID of RFC 9562: versions 1 to 8. */
export const UUID_PATTERN = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$';

/** The id of a process, or of one of its workers. */
export const processIdOption = text({
  minLength: 1,
  maxLength: 2 * NAME_CHARACTERS,
  pattern: TEXT_PATTERN,
  expects: 'the id of a process or a worker',
});

/** The id of a task. */
export const idOption = text({ pattern: UUID_PATTERN, expects: 'a UUID' });

/** The group of a failure. */
export const failureGroup = (rest: OptionTable = {}) =>
  text({ pattern: '^[0-9a-f]{16}$', expects: 'the group of a failure, 16 hexadecimal digits', ...rest });

/** The `next` of a page: an id, behind a number for a search of several parts. */
export const pageAfter = (rest: OptionTable = {}) =>
  text({ pattern: `^(?:[0-9]:)?(?:${UUID_PATTERN.slice(1, -1)})$|^[0-9]:$`, expects: 'the `next` of a page', ...rest });

/** The text of a search. What it may hold is told by its parser, with the place of a fault. */
export const searchText = (rest: OptionTable = {}) => text(rest);
