import type { mongo } from 'mongoose';
import { HoldfastError } from '../errors/holdfastError';
import { refuseNewer } from '../ports/schemaVersion';
import { ensureIndexes, ensureKeys, MONGO_MIGRATIONS } from './mongoMigrations';
import type { NamedDatabase } from './mongoMigrations';
import { SCHEMA_ID } from './mongoSchema';
import type { MetaDocument } from './mongoSchema';
import type { SchemaCollection } from './schemaDatabase';

/**
 * Brings the schema of a database up to date.
 *
 * Indexes and the keys that end them are asked for even where the version says that all is done. That takes as long as three reads, and repairs a
 * database whose index was dropped or whose tasks were all deleted by hand. Every claim would otherwise fail on its hint.
 *
 * @throws HOLDFAST_STORE_NEWER where a newer release has changed it, HOLDFAST_PREFIX_TAKEN where another application has a collection of one of the
 * names, and errors of the driver.
 */
export async function migrateMongo(named: NamedDatabase): Promise<void> {
  const filled = await filledCollections(named);
  const version = await checkMongoVersion(named);
  if (version === null && filled.length > 0) {
    throw new HoldfastError('HOLDFAST_PREFIX_TAKEN', { field: 'prefix', expected: `one without collections yet, as ${filled.join(', ')}` });
  }
  // The mark comes first: whoever opens the database at the same time sees it before any other collection.
  if (version === null) await raiseVersion(named, 0);
  for (const [index, { run }] of MONGO_MIGRATIONS.entries()) {
    if (index < (version ?? 0)) continue;
    await run(named);
    await raiseVersion(named, index + 1);
  }
  await ensureIndexes(named);
  await ensureKeys(named);
}

/**
 * Returns the version of a database, null for one without the mark of Holdfast.
 *
 * @throws HOLDFAST_STORE_NEWER where a newer release has changed it.
 */
export async function checkMongoVersion(named: NamedDatabase, options: mongo.FindOptions = {}): Promise<number | null> {
  const document = await metaOf(named).findOne({ _id: SCHEMA_ID }, options);
  if (!document) return null;
  refuseNewer(document.version, MONGO_MIGRATIONS.length);
  return document.version;
}

/**
 * Refuses a database in which no Holdfast of these names is. Writes nothing.
 *
 * @throws HOLDFAST_STORE_MISSING
 */
export async function refuseMissing(named: NamedDatabase): Promise<void> {
  if ((await checkMongoVersion(named)) !== null) return;
  throw new HoldfastError('HOLDFAST_STORE_MISSING', { field: `${named.database.name}.${named.names.meta}` });
}

/** Raises the version. Another process may be ahead, so the version never falls, and the answer decides whether this release may go on. */
async function raiseVersion(named: NamedDatabase, version: number): Promise<void> {
  const raise = { $max: { version } };
  const document = await metaOf(named).findOneAndUpdate({ _id: SCHEMA_ID }, raise, { upsert: true, returnDocument: 'after' });
  refuseNewer(document?.version ?? version, MONGO_MIGRATIONS.length);
}

/** Returns the collections of these names that hold a document. They are looked for before the mark, which comes before them. */
async function filledCollections({ database, names }: NamedDatabase): Promise<string[]> {
  const wanted = Object.values(names) as string[];
  const listed = await database.collectionsOf(wanted);
  const filled = await Promise.all(listed.map((name) => database.collection(name).findOne({}, { projection: { _id: 1 } })));
  return listed.filter((_, index) => filled[index] !== null);
}

const metaOf = ({ database, names }: NamedDatabase): SchemaCollection<MetaDocument> => database.collection<MetaDocument>(names.meta);
