import { mongo as driver } from 'mongoose';
import { openStore } from '../../classes/store/openStore';
import { BY_HAND } from './mongoCommands';

/**
 * Databases that tests of a file have used, emptied for the next ones: to make the collections and indexes of a store and to drop them takes 300 ms, to
 * empty them 20. A database that a test has left otherwise than a store makes it is dropped.
 */

type Uri = (database: string) => string;

const free: string[] = [];
let names = 0;
let template: Promise<string> | undefined;

/** Returns the name of a database that is new, or as a store has just made it. */
export const takeDatabase = (): string => free.pop() ?? newDatabase();

/** Returns the name of a database that nobody has used. */
export const newDatabase = (): string => `holdfast_test_${process.pid}_${(names += 1)}`;

/** Empties a database for the next test, or drops it. */
export async function giveDatabaseBack(db: driver.Db, uri: Uri): Promise<void> {
  template ??= makeTemplate(uri);
  const wanted = await template;
  const kept = keptIds(wanted);
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    if (wanted.includes(`"${name}"`)) await db.collection(name).deleteMany({ _id: { $nin: kept } } as object);
  }
  if ((await lookOf(db)) === wanted) free.push(db.databaseName);
  else await db.dropDatabase();
}

/** Drops what is left of a file of tests. */
export async function dropDatabases(uri: Uri | undefined): Promise<void> {
  if (free.length === 0 || !uri) return;
  const client = await connect(uri);
  for (const name of free.splice(0)) await client.db(name).dropDatabase();
  await client.close();
}

const connect = (uri: Uri): Promise<driver.MongoClient> => driver.MongoClient.connect(uri('admin'), { appName: BY_HAND });

async function makeTemplate(uri: Uri): Promise<string> {
  const name = newDatabase();
  await (await openStore(uri(name))).close();
  const client = await connect(uri);
  const look = await lookOf(client.db(name));
  await client.db(name).dropDatabase();
  await client.close();
  return look;
}

/** Describes all that is in a database, as text. */
async function lookOf(db: driver.Db): Promise<string> {
  const found = await db.listCollections({}, { nameOnly: false }).toArray();
  const parts = found.map(async ({ name, type, options }: driver.CollectionInfo) => {
    const collection = db.collection(name);
    const [indexes, documents] = await Promise.all([collection.indexes(), collection.find().limit(10).toArray()]);
    return { name, type, options, indexes: sorted(indexes), documents: sorted(documents) };
  });
  return driver.BSON.EJSON.stringify(sorted(await Promise.all(parts)));
}

const sorted = <Each extends object>(items: readonly Each[]): Each[] =>
  [...items].sort((one, other) => (driver.BSON.EJSON.stringify(one) < driver.BSON.EJSON.stringify(other) ? -1 : 1));

/** The ids of the documents that a new store has. */
const keptIds = (wanted: string): unknown[] =>
  (driver.BSON.EJSON.parse(wanted) as { readonly documents: readonly { readonly _id: unknown }[] }[]).flatMap(({ documents }) =>
    documents.map(({ _id }) => _id),
  );
