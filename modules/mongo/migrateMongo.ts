import type { mongo } from 'mongoose';
import { ensureIndexes, ensureKeys, MONGO_MIGRATIONS } from './mongoMigrations';
import { META_COLLECTION, SCHEMA_ID } from './mongoSchema';
import type { MetaDocument } from './mongoSchema';
import { refuseNewer } from '../ports/schemaVersion';

/**
 * Brings the schema of a database up to date.
 *
 * Indexes and the keys that end them are asked for even where the version says that all is done. That takes as long as three reads, and repairs a
 * database whose index was dropped or whose tasks were all deleted by hand. Every claim would otherwise fail on its hint.
 *
 * @throws HOLDFAST_STORE_NEWER where a newer release has changed it, and errors of the driver.
 */
export async function migrateMongo(database: mongo.Db): Promise<void> {
  const version = await checkMongoVersion(database);
  for (const [index, { run }] of MONGO_MIGRATIONS.entries()) {
    if (index < version) continue;
    await run(database);
    await raiseVersion(database, index + 1);
  }
  await ensureIndexes(database);
  await ensureKeys(database);
}

/**
 * Returns the version of a database, 0 for one that has none yet.
 *
 * @throws HOLDFAST_STORE_NEWER where a newer release has changed it.
 */
export async function checkMongoVersion(database: mongo.Db, options: mongo.FindOptions = {}): Promise<number> {
  const document = await metaOf(database).findOne({ _id: SCHEMA_ID }, options);
  const version = document?.version ?? 0;
  refuseNewer(version, MONGO_MIGRATIONS.length);
  return version;
}

/** Raises the version. Another process may be ahead, so the version never falls, and the answer decides whether this release may go on. */
async function raiseVersion(database: mongo.Db, version: number): Promise<void> {
  const raise = { $max: { version } };
  const document = await metaOf(database).findOneAndUpdate({ _id: SCHEMA_ID }, raise, { upsert: true, returnDocument: 'after' });
  refuseNewer(document?.version ?? version, MONGO_MIGRATIONS.length);
}

const metaOf = (database: mongo.Db): mongo.Collection<MetaDocument> => database.collection<MetaDocument>(META_COLLECTION);
