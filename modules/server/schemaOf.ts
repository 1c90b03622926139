import { Type } from 'typebox';
import type { TUnsafe } from 'typebox';
import type { OptionTable, ValueOf } from '../../config/schema';

/** Keys of a table that are no keywords of JSON Schema. */
const OWN_KEYS: ReadonlySet<string> = new Set(['unit', 'kind', 'env', 'expects', 'is']);

/** Returns the schema of an option for the wire: the same bounds, default and description. */
export const schemaOf = <Table extends OptionTable>(table: Table): TUnsafe<ValueOf<Table>> => Type.Unsafe<ValueOf<Table>>(plain(table));

function plain(table: OptionTable): Record<string, unknown> {
  const kept = Object.entries(table).filter(([key]) => !OWN_KEYS.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, key === 'properties' ? plainEach(value as Record<string, OptionTable>) : value]));
}

const plainEach = (properties: Readonly<Record<string, OptionTable>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(properties).map(([name, table]) => [name, plain(table)]));
