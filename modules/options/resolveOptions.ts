import { checkOptions } from './checkOptions';
import { fromText } from './fromText';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isPlain, isRecord } from '../values/isRecord';
import { withSource } from './optionSource';
import type { OptionSource } from './optionSource';
import type { OptionTable, ValueOf } from '../../config/schema';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Resolves the options of one table of `config/options` (defaults < environment < arguments), validates and freezes them.
 *
 * @param owner the name of the options in errors, for example `worker`.
 * @param variables the environment; only the variables that the table names are read.
 * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID with the field and the expected value.
 */
export function resolveOptions<Schema extends OptionTable>(
  schema: Schema,
  given: unknown,
  owner: string,
  variables: Variables = process.env,
): Readonly<ValueOf<Schema>> {
  if (given !== undefined && !isRecord(given)) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: owner, expected: 'an object of options', got: describeValue(given) });
  }
  const table: OptionTable = schema;
  const merged: unknown = withDefaults(table, merge(table, fromText(table, readVariables(table, variables)), given ?? {}, owner));
  try {
    checkOptions(schema, merged, owner);
  } catch (error) {
    throw withSource(error, owner, variableSources(table, variables, given ?? {}));
  }
  return freeze(merged);
}

/** The variables that set options which were not passed as arguments. */
function variableSources(table: OptionTable, variables: Variables, given: Readonly<Record<string, unknown>>, prefix = ''): OptionSource[] {
  return Object.entries(table.properties ?? {}).flatMap(([key, option]): OptionSource[] => {
    const value = given[key];
    if (option.properties) return variableSources(option, variables, isRecord(value) ? value : {}, `${prefix}${key}.`);
    return option.env !== undefined && value === undefined && variables[option.env] ? [[`${prefix}${key}`, option.env]] : [];
  });
}

/** Returns the defaults of a table, frozen. */
export const defaultsOf = <Schema extends OptionTable>(schema: Schema): Readonly<ValueOf<Schema>> =>
  freeze(withDefaults(schema, {})) as Readonly<ValueOf<Schema>>;

/** Fills in the defaults of a table, also in the objects that are given. It changes these, which are copies. */
function withDefaults(table: OptionTable, given: unknown): unknown {
  const value = given === undefined ? structuredClone(table.default) : given;
  if (!table.properties || !isRecord(value)) return value;
  for (const [key, option] of Object.entries(table.properties)) {
    const filled = withDefaults(option, value[key]);
    if (filled !== undefined) value[key] = filled;
  }
  return value;
}

function readVariables(table: OptionTable, variables: Variables): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table.properties ?? {})) {
    const set = option.env === undefined ? undefined : variables[option.env];
    if (set !== undefined && set !== '') found[key] = set;
    const inner = option.properties ? readVariables(option, variables) : {};
    if (Object.keys(inner).length > 0) found[key] = inner;
  }
  return found;
}

/** Copies the values, so that the caller's own objects are never frozen. */
function merge(table: OptionTable | undefined, base: object, over: object, path: string): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const field = `${path}.${key}`;
    if (key === '__proto__') throw new HoldfastError('HOLDFAST_OPTION_UNKNOWN', { field });
    if (value !== undefined) merged[key] = copyOver(table?.properties?.[key], merged[key], value, field);
  }
  return merged;
}

/** An instance of a class is not copied, unless the table describes its properties: it may be a connection, and reference anything. */
function copyOver(table: OptionTable | undefined, base: unknown, value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, index) => copyOver(table?.items, undefined, item, `${path}.${index}`));
  const isCopied = isPlain(value) || (table?.properties && isRecord(value));
  return isCopied ? merge(table, isRecord(base) ? base : {}, value, path) : value;
}

function freeze<T>(value: T): T {
  if (!Array.isArray(value) && !isPlain(value)) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
