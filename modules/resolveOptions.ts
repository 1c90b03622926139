import { Compile } from 'typebox/compile';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { describeValue, HoldfastError } from './holdfastError';

type Variables = Readonly<Record<string, string | undefined>>;

interface Table extends TSchema {
  readonly properties: Record<string, Table>;
  readonly env?: string;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly type?: string;
  /** What to say that it must be, where the schema alone does not say it well. */
  readonly expects?: string;
  readonly items?: Table;
}

interface Fault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

interface Validator {
  Check(value: unknown): boolean;
  Errors(value: unknown): Iterable<Fault>;
}

const validators = new WeakMap<TSchema, Validator>();

/**
 * Resolves the options of one table of `config/options`: defaults < environment < arguments; then validates
 * and freezes them.
 *
 * @param owner names the options in errors, as `worker`.
 * @param variables the environment; only the variables that the table names are read.
 * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID with the field and what was expected.
 */
export function resolveOptions<Schema extends TSchema>(
  schema: Schema,
  given: unknown,
  owner: string,
  variables: Variables = process.env,
): Readonly<Static<Schema>> {
  checkIsObject(given, owner);
  const fromEnvironment = readVariables(schema as unknown as Table, variables);
  const merged = Value.Default(schema, merge(Value.Convert(schema, fromEnvironment) as object, given ?? {}));
  checkOptions(schema, merged, owner);
  return freeze(merged);
}

/**
 * Checks options against their table without filling in defaults, for the hot path.
 *
 * @throws as `resolveOptions`.
 */
export function checkOptions<Schema extends TSchema>(schema: Schema, given: unknown, owner: string): asserts given is Static<Schema> {
  const validator = validatorOf(schema);
  if (!validator.Check(given)) throw faultOf(schema as unknown as Table, [...validator.Errors(given)], given, owner);
}

/** Returns the defaults of a table, frozen. */
export const defaultsOf = <Schema extends TSchema>(schema: Schema): Readonly<Static<Schema>> =>
  freeze(Value.Default(schema, {})) as Readonly<Static<Schema>>;

function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const compiled = Compile(schema) as Validator;
  validators.set(schema, compiled);
  return compiled;
}

function checkIsObject(given: unknown, owner: string): void {
  if (given === undefined || (typeof given === 'object' && given !== null && !Array.isArray(given))) return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: owner, expected: 'an object of options', got: describeValue(given) });
}

function readVariables(table: Table, variables: Variables): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table.properties)) {
    const set = option.env === undefined ? undefined : variables[option.env];
    if (set !== undefined && set !== '') found[key] = set;
    const inner = option.properties ? readVariables(option, variables) : {};
    if (Object.keys(inner).length > 0) found[key] = inner;
  }
  return found;
}

function merge(base: object, over: object): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (key === '__proto__') throw new HoldfastError('HOLDFAST_OPTION_UNKNOWN', { field: key });
    if (value !== undefined) merged[key] = copyOver(merged[key], value);
  }
  return merged;
}

/** Copies, so that what is frozen in the end is never the caller's own object. */
function copyOver(base: unknown, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => copyOver(undefined, item));
  return isPlain(value) ? merge(isPlain(base) ? base : {}, value) : value;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

/** Of several faults the one that lies deepest says most: those above it only follow from it. */
function faultOf(table: Table, faults: readonly Fault[], given: unknown, owner: string): HoldfastError {
  const depth = (fault: Fault): number => fault.instancePath.split('/').length;
  const fault = faults.reduce((deepest, next) => (depth(next) > depth(deepest) ? next : deepest));
  const field = [owner, ...pathOf(fault)].join('.');
  if (fault.keyword === 'boolean') return new HoldfastError('HOLDFAST_OPTION_UNKNOWN', { field });
  const got = describeValue(pathOf(fault).reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], given));
  return new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: expectationOf(table, fault), got });
}

const pathOf = (fault: Fault): string[] =>
  fault.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));

function expectationOf(table: Table, fault: Fault): string {
  const option = pathOf(fault).reduce<Table | undefined>((inner, key) => inner?.properties?.[key] ?? inner?.items, table);
  if (option?.expects) return option.expects;
  if (option?.enum) return `one of ${option.enum.join(', ')}`;
  if (option?.minimum === undefined) return wordsOf(fault);
  const unit = option.unit ? ` (${option.unit})` : '';
  return `${option.type === 'integer' ? 'an integer' : 'a number'} from ${option.minimum} to ${option.maximum}${unit}`;
}

/** The words of the validator, as they fit behind "must be". */
function wordsOf({ keyword, message, params }: Fault): string {
  const { requiredProperties, limit } = params as { requiredProperties?: readonly string[]; limit?: number };
  if (keyword === 'required') return `an object with ${(requiredProperties ?? []).join(', ')}`;
  if (keyword === 'minItems') return `an array of at least ${limit}`;
  if (keyword === 'maxItems') return `an array of at most ${limit}`;
  return message.replace(/^must (be )?/, '');
}

function freeze<T>(value: T): T {
  if (Array.isArray(value) || isPlain(value)) Object.values(value as object).forEach(freeze);
  return typeof value === 'object' ? Object.freeze(value) : value;
}
