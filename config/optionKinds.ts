import { types } from 'node:util';
import { Type } from 'typebox';
import type { TSchema, TSchemaOptions } from 'typebox';
import { EARLIEST_INSTANT, LATEST_INSTANT, NAME_CHARACTERS } from '../constants/limits';

/** Kinds of values that options take. */

/** A number of whole milliseconds. */
export const milliseconds = (minimum: number, maximum: number, rest: TSchemaOptions = {}) => Type.Integer({ minimum, maximum, unit: 'ms', ...rest });

/** One of the given words. */
export const oneOf = <const Values extends readonly string[]>(values: Values, rest: TSchemaOptions = {}) =>
  Type.Unsafe<Values[number]>({ enum: values, ...rest });

/** An object with exactly these options. */
export const record = <const Properties extends Record<string, TSchema>>(properties: Properties, rest: TSchemaOptions = {}) =>
  Type.Object(properties, { additionalProperties: false, ...rest });

/** A record whose minMs is at most its maxMs. */
export const bounds = <const Properties extends Record<'minMs' | 'maxMs', TSchema>>(properties: Properties, rest: TSchemaOptions = {}) =>
  Type.Refine(record(properties, rest), isInOrder, () => 'must be an object whose minMs is at most its maxMs');

const isInOrder = (value: unknown): boolean => {
  const { minMs = 0, maxMs = Infinity } = value as { readonly minMs?: number; readonly maxMs?: number };
  return minMs <= maxMs;
};

const isInstant = (value: unknown): boolean => types.isDate(value) && value.getTime() >= EARLIEST_INSTANT && value.getTime() <= LATEST_INSTANT;

/** A Date from 1970 to 9999, the range that both stores keep. */
export const instant = (rest: TSchemaOptions = {}) =>
  Type.Refine(Type.Unsafe<Date>({ ...rest }), isInstant, () => 'must be a Date from 1970 to 9999');

const isPlainObject = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]';

/** Plain data with named properties. */
export const object = (rest: TSchemaOptions = {}) =>
  Type.Refine(Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', ...rest }), isPlainObject, () => 'must be an object');

/** The user's functions by name. */
export const functionsByName = <F>(rest: TSchemaOptions = {}) =>
  Type.Record(
    Type.String(),
    Type.Refine(
      Type.Unsafe<F>({}),
      (value) => typeof value === 'function',
      () => 'must be a function',
    ),
    {
      default: {},
      ...rest,
    },
  );

/** Text without control characters and lone surrogates. */
export const TEXT_PATTERN = '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$';

/** A name. */
export const name = (rest: TSchemaOptions = {}) =>
  Type.String({
    minLength: 1,
    maxLength: NAME_CHARACTERS,
    expects: `a string of 1 to ${NAME_CHARACTERS} characters without control characters`,
    pattern: TEXT_PATTERN,
    ...rest,
  });

/** The name of a queue or of a task. */
export const nameOption = name();

/** The URL of a store. */
export const storeUrl = (rest: TSchemaOptions = {}) => Type.String({ minLength: 1, maxLength: 4_096, ...rest });

/** A UUID of RFC 9562: versions 1 to 8. */
export const UUID_PATTERN = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$';

/** The id of a task. */
export const idOption = Type.String({ pattern: UUID_PATTERN, expects: 'a UUID' });
