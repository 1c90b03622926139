/**
 * Schemas of options: JSON Schemas that the validator checks, with the words that errors and documents need. Each carries the type of its values, for
 * the compiler alone.
 */

declare const VALUE: unique symbol;
declare const OPTIONAL: unique symbol;

/** The schema of an option, or of a table of options. */
export interface OptionTable {
  readonly type?: string;
  readonly description?: string;
  readonly unit?: string;
  /** The type in words, if it is none of JSON's. */
  readonly kind?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string;
  /** The environment variable that sets the option. */
  readonly env?: string;
  /** The expected value in words, where the schema alone does not describe it well. */
  readonly expects?: string;
  /** A check that JSON Schema cannot express. */
  readonly is?: Check;
  readonly properties?: Readonly<Record<string, OptionTable>>;
  /** The names of the required properties. */
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | OptionTable;
  readonly items?: OptionTable;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly anyOf?: readonly OptionTable[];
}

/** A check of a value by code, and its demand in words that follow "must be". */
export interface Check {
  readonly holds: (value: unknown) => boolean;
  readonly says: string;
}

/** A schema whose values have a type. */
export interface Schema<Value = unknown> extends OptionTable {
  readonly [VALUE]?: Value;
}

/** A schema of a property that may be missing. */
export type Optional<Of extends OptionTable> = Of & { readonly [OPTIONAL]: true };

/** A schema of an object with exactly these properties. */
export interface RecordSchema<Properties extends Readonly<Record<string, OptionTable>>> extends Schema<ShapeOf<Properties>> {
  readonly properties: Properties;
}

/** The type of the values of a schema. */
export type ValueOf<Of extends OptionTable> = Of extends Schema<infer Value> ? Value : never;

type OptionalOf<Properties> = { [Key in keyof Properties]: Properties[Key] extends { readonly [OPTIONAL]: true } ? Key : never }[keyof Properties];

type Flat<T> = { [Key in keyof T]: T[Key] };

type ShapeOf<Properties extends Readonly<Record<string, OptionTable>>> = Flat<
  { [Key in Exclude<keyof Properties, OptionalOf<Properties>>]: ValueOf<Properties[Key]> } & {
    [Key in OptionalOf<Properties>]?: ValueOf<Properties[Key]>;
  }
>;

/** The properties that may be missing. A schema is the same in a table where it is required and in one where it is not. */
const optionals = new WeakSet<OptionTable>();

/** Makes a property one that may be missing. */
export function optional<Of extends OptionTable>(schema: Of): Optional<Of> {
  const copy = { ...schema } as Optional<Of>;
  optionals.add(copy);
  return copy;
}

/** A schema of any value, or of one that only a check describes. */
export const value = <Value>(rest: OptionTable = {}): Schema<Value> => rest;

export const truth = (rest: OptionTable = {}): Schema<boolean> => ({ type: 'boolean', ...rest });
export const integer = (rest: OptionTable = {}): Schema<number> => ({ type: 'integer', ...rest });
export const number = (rest: OptionTable = {}): Schema<number> => ({ type: 'number', ...rest });
export const text = (rest: OptionTable = {}): Schema<string> => ({ type: 'string', ...rest });

/** One word. */
export const word = <const Word extends string>(only: Word): Schema<Word> => ({ type: 'string', const: only });

/** One of the given words. */
export const oneOf = <const Words extends readonly string[]>(words: Words, rest: OptionTable = {}): Schema<Words[number]> => ({
  type: 'string',
  enum: words,
  ...rest,
});

/** An array. */
export const list = <Item extends OptionTable>(items: Item, rest: OptionTable = {}): Schema<ValueOf<Item>[]> => ({ type: 'array', items, ...rest });

/** A value of one of the given schemas. */
export const either = <const Choices extends readonly OptionTable[]>(choices: Choices, rest: OptionTable = {}): Schema<ValueOf<Choices[number]>> => ({
  anyOf: choices,
  ...rest,
});

/** An object with exactly these options. */
export const record = <const Properties extends Readonly<Record<string, OptionTable>>>(
  properties: Properties,
  rest: Omit<OptionTable, 'properties'> = {},
): RecordSchema<Properties> => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optionals.has(properties[key] as OptionTable)),
  additionalProperties: false,
  ...rest,
});

/** The same object, each of whose options may be missing. */
export const partial = <Properties extends Readonly<Record<string, OptionTable>>>(
  { properties }: RecordSchema<Properties>,
  rest: OptionTable = {},
): RecordSchema<{ [Key in keyof Properties]: Optional<Properties[Key]> }> =>
  record(Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, optional(schema)])), rest) as never;

/** The same object without some of its options. */
export const without = <Properties extends Readonly<Record<string, OptionTable>>, Key extends keyof Properties & string>(
  { properties }: RecordSchema<Properties>,
  keys: readonly Key[],
  rest: OptionTable = {},
): RecordSchema<Omit<Properties, Key>> =>
  record(Object.fromEntries(Object.entries(properties).filter(([key]) => !(keys as readonly string[]).includes(key))), rest) as never;
