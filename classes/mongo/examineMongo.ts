import type { mongo } from 'mongoose';
import type { StoreOptions } from '../../config/optionTypes';
import { refuseNewer } from '../../modules/ports/schemaVersion';
import type { Examination, Finding } from '../../modules/ports/examination';
import { FIFO_GROUP_INDEXES, FIFO_INDEXES } from '../../modules/mongo/fifoDocuments';
import { MONGO_MIGRATIONS, RECORD_INDEXES, SCHEDULE_INDEXES } from '../../modules/mongo/mongoMigrations';
import { collectionNames, SCHEMA_ID, TASK_INDEXES } from '../../modules/mongo/mongoSchema';
import type { MetaDocument } from '../../modules/mongo/mongoSchema';
import { roundTrips } from '../../modules/time/roundTrips';
import { connectOwnMongoose } from './ownMongoose';

const MIB = 1024 * 1024;

/** Members behind the primary by more than so many seconds are told. */
const LAG_SECONDS = 10;

/**
 * Looks at the database of a store without changing it.
 *
 * @throws HOLDFAST_STORE_UNREACHABLE, HOLDFAST_LOGIN_REFUSED, HOLDFAST_STORE_NEWER or HOLDFAST_URL_INVALID.
 */
export async function examineMongo(url: string, options: StoreOptions): Promise<Examination> {
  const source = await connectOwnMongoose(url, options);
  try {
    const database = source.client().db(source.name);
    const names = collectionNames(options.prefix);
    const meta = await database.collection<MetaDocument>(names.meta).findOne({ _id: SCHEMA_ID });
    if (meta) refuseNewer(meta.version, MONGO_MIGRATIONS.length);
    const version = meta?.version ?? 0;
    const missing = version === 0 ? [] : await Promise.all(WANTED.map(async ([key, wanted]) => missingIn(database.collection(names[key]), wanted)));
    return {
      ...{ version, newest: MONGO_MIGRATIONS.length, missingIndexes: missing.flat() },
      trips: await roundTrips(() => timeOf(database)),
      findings: [...(await setFindings(database)), durabilityOf(options), await memoryOf(database, names.tasks)],
    };
  } finally {
    await source.close();
  }
}

const timeOf = async (database: mongo.Db): Promise<number> =>
  ((await database.command({ hello: 1 })) as { readonly localTime: Date }).localTime.getTime();

const namesOf = (indexes: readonly { readonly name: string }[]): string[] => indexes.map(({ name }) => name);

const WANTED = [
  ['tasks', namesOf(TASK_INDEXES)],
  ['schedules', namesOf(SCHEDULE_INDEXES)],
  ['records', namesOf(RECORD_INDEXES)],
  ['fifo', namesOf(FIFO_INDEXES)],
  ['fifoGroups', namesOf(FIFO_GROUP_INDEXES)],
] as const;

async function missingIn(collection: mongo.Collection, wanted: readonly string[]): Promise<string[]> {
  const there = new Set((await collection.indexes().catch(() => [])).map(({ name }) => name));
  return wanted.filter((name) => !there.has(name)).map((name) => `${collection.collectionName}.${name}`);
}

async function setFindings(database: mongo.Db): Promise<Finding[]> {
  const check = 'replica set';
  const hello = await database.command({ hello: 1 });
  if (hello['msg'] === 'isdbgrid') return [{ check, level: 'ok', text: 'A router of shards' }];
  if (hello['setName'] === undefined) {
    const text =
      'A standalone server: no transactions and no change stream, and acknowledged writes are on one disk only. Make it a replica set, also of one member';
    return [{ check, level: 'bad', text }];
  }
  const hosts = (hello['hosts'] as string[] | undefined) ?? [];
  const text = `${String(hello['setName'])}, primary ${String(hello['primary'])}, ${hosts.length} ${hosts.length === 1 ? 'member' : 'members'}`;
  const alone: Finding[] =
    hosts.length === 1 ? [{ check, level: 'warn', text: `${text}: nothing takes over if it fails` }] : [{ check, level: 'ok', text }];
  return [...alone, ...(await lagFindings(database, hosts.length))];
}

/** The state of the members needs a right that the user of a store seldom has. */
async function lagFindings(database: mongo.Db, members: number): Promise<Finding[]> {
  if (members < 2) return [];
  const status = await database
    .admin()
    .command({ replSetGetStatus: 1 })
    .catch(() => undefined);
  const all = (status?.['members'] ?? []) as {
    readonly name: string;
    readonly health: number;
    readonly stateStr: string;
    readonly optimeDate?: Date;
  }[];
  const newest = Math.max(...all.map(({ optimeDate }) => optimeDate?.getTime() ?? 0));
  return all.flatMap(({ name, health, stateStr, optimeDate }): Finding[] => {
    if (health !== 1) return [{ check: 'members', level: 'bad', text: `${name} is ${stateStr}` }];
    const behind = optimeDate ? (newest - optimeDate.getTime()) / 1_000 : 0;
    return behind > LAG_SECONDS ? [{ check: 'members', level: 'warn', text: `${name} is ${Math.round(behind)} s behind` }] : [];
  });
}

const durabilityOf = ({ durability }: Pick<StoreOptions, 'durability'>): Finding =>
  durability === 'full'
    ? { check: 'durability', level: 'ok', text: 'Writes are acknowledged by a majority, from their journals' }
    : { check: 'durability', level: 'warn', text: 'Durability is relaxed: a fail-over or a power cut may lose the last acknowledged writes' };

/** The indexes of tasks should fit into the cache. The state of a server needs a right that the user of a store may lack. */
async function memoryOf(database: mongo.Db, tasks: string): Promise<Finding> {
  const check = 'memory of the server';
  const status = await database.command({ serverStatus: 1 }).catch(() => undefined);
  const cache = (status?.['wiredTiger'] as { cache?: Record<string, number> } | undefined)?.cache?.['maximum bytes configured'];
  const [stats] = await database
    .collection(tasks)
    .aggregate([{ $collStats: { storageStats: {} } }])
    .toArray()
    .catch(() => []);
  const indexes = (stats?.['storageStats'] as { totalIndexSize?: number } | undefined)?.totalIndexSize;
  if (cache === undefined || indexes === undefined)
    return { check, level: 'warn', text: 'Not known: the user of the store may not read serverStatus' };
  const text = `The indexes of tasks have ${Math.ceil(indexes / MIB)} MiB, the cache ${Math.round(cache / MIB)} MiB`;
  return indexes > cache / 2 ? { check, level: 'warn', text: `${text}: claims will read from the disk` } : { check, level: 'ok', text };
}
