import { HoldfastError } from '../errors/holdfastError';
import { refuseNewer } from '../ports/schemaVersion';
import { createdIn, META_STATEMENTS, NAMED_PREFIX, SCHEMA_KEY, SQLITE_MIGRATIONS, SQLITE_TABLES } from './sqliteMigrations';
import type { DatabaseSync } from './sqliteDriver';

/** Puts the prefix of a store into a statement. */
export const withPrefix = (sql: string, prefix: string): string => (prefix === NAMED_PREFIX ? sql : sql.replaceAll(NAMED_PREFIX, prefix));

/** Where the tables of a store are: a connection, the name of the file on it, and the prefix of the tables. */
export interface TablePlace {
  readonly database: DatabaseSync;
  readonly schema: string;
  readonly prefix: string;
}

/**
 * Returns the version of the schema of a file, 0 for one without tables of Holdfast's.
 *
 * @throws HOLDFAST_STORE_NEWER where a newer release has changed it, HOLDFAST_PREFIX_TAKEN where a table of another application has one of the names.
 */
export function schemaVersion({ database, schema, prefix }: TablePlace): number {
  const rows = database.prepare(META_STATEMENTS.tables(schema)).all(...SQLITE_TABLES.map((table) => prefix + table)) as { name: string }[];
  const names = rows.map(({ name }) => name);
  if (names.length === 0) return 0;
  const version = names.includes(`${prefix}meta`) ? markedVersion(database, prefix) : undefined;
  if (version === undefined)
    throw new HoldfastError('HOLDFAST_PREFIX_TAKEN', { field: 'prefix', expected: `one without tables yet, as ${names.join(', ')}` });
  refuseNewer(version, SQLITE_MIGRATIONS.length);
  return version;
}

/** Makes the next change, in the transaction of the caller: another process may have opened the file at the same time. */
export function migrateOnce(place: TablePlace): void {
  const { database, schema, prefix } = place;
  const version = schemaVersion(place);
  const migration = SQLITE_MIGRATIONS[version];
  if (migration === undefined) return;
  if (version === 0) database.exec(withPrefix(createdIn(schema, META_STATEMENTS.create), prefix));
  database.exec(withPrefix(createdIn(schema, migration), prefix));
  database.prepare(withPrefix(META_STATEMENTS.setVersion, prefix)).run(SCHEMA_KEY, version + 1);
}

/** Reads the version of a table `meta` that is marked as one of Holdfast's. Another application's may have any shape. */
function markedVersion(database: DatabaseSync, prefix: string): number | undefined {
  try {
    const row = database.prepare(withPrefix(META_STATEMENTS.version, prefix)).get(SCHEMA_KEY) as { readonly value: number } | undefined;
    return row?.value;
  } catch (error) {
    if (isAboutShape(error)) return undefined;
    throw error;
  }
}

/** The general error of SQLite, for a column that is not there. */
const isAboutShape = (error: unknown): boolean => (error as { errcode?: unknown } | null)?.errcode === 1;
