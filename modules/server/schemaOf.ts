import { Type } from 'typebox';
import type { TUnsafe } from 'typebox';
import type { OptionTable, ValueOf } from '../../config/schema';

/** Keys of a table that are no keywords of JSON Schema. */
const OWN_KEYS: ReadonlySet<string> = new Set(['unit', 'kind', 'env', 'expects', 'is']);

/** Returns the schema of an option for the wire: the same bounds, default and description. */
export const schemaOf = <Table extends OptionTable>(table: Table): TUnsafe<ValueOf<Table>> => Type.Unsafe<ValueOf<Table>>(plain(table));

/** Leaves our own keys out of a table, and of those in it. */
const plain = (table: OptionTable): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table)
      .filter(([key]) => !OWN_KEYS.has(key))
      .map(([key, value]) => [key, INNER[key]?.(value as never) ?? (value as unknown)]),
  );

const plainEach = (properties: Readonly<Record<string, OptionTable>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(properties).map(([name, table]) => [name, plain(table)]));

/** The keys of a table that hold others. */
const INNER: Readonly<Record<string, (value: never) => unknown>> = {
  properties: plainEach,
  items: plain,
  anyOf: (choices: readonly OptionTable[]) => choices.map(plain),
  additionalProperties: (rest: OptionTable | boolean) => (typeof rest === 'boolean' ? rest : plain(rest)),
};
