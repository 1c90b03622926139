import type { StoreOptions } from '../../config/optionTypes';
import type { Clock, Random } from '../../modules/time/clock';
import { namespaceOf } from '../../modules/ports/namespace';
import { withoutSecrets } from '../../modules/ports/storeUrl';
import type { MongoConnection as CallersClient, MongooseConnection as CallersMongoose } from '../../modules/store/callersConnection';
import { ChangeFeed, feedOf } from './changeFeed';
import { ChangeWatch } from './changeWatch';
import { ClaimWindow } from './claimWindow';
import { ExpiredLeases } from './expiredLeases';
import { MongoBulk } from './mongoBulk';
import { MongoClaims } from './mongoClaims';
import { MongoConnection } from './mongoConnection';
import { MongoFifo } from './mongoFifo';
import { MongoFollowUps } from './mongoFollowUps';
import { MongoMessageStore } from './mongoMessageStore';
import { MongoProgressBoard } from './mongoProgressBoard';
import { MongoQueueLook } from './mongoQueueLook';
import { MongoQueueSettings } from './mongoQueueSettings';
import { MongoRecordStore } from './mongoRecordStore';
import { MongoScheduleStore } from './mongoScheduleStore';
import { MongoSearch } from './mongoSearch';
import { MongoStepStore } from './mongoStepStore';
import { MongoTallies } from './mongoTallies';
import { MongoTaskStore } from './mongoTaskStore';
import { MongoTransit } from './mongoTransit';
import type { Database } from '../../modules/ports/database';

/** Looks of an idle process in vain: with its polls and sweeps it sends less than ten commands a second. */
const LOOKS_PER_SECOND = 5;

/**
 * Opens a MongoDB database by its URL, or uses a connection that the caller has opened; shows what belongs to the namespace of the options.
 *
 * @param mustExist refuses a database in which no Holdfast is, and writes nothing there.
 * @throws as `MongoConnection.open` and `MongoConnection.on`.
 */
export async function openMongoDatabase(
  source: string | CallersMongoose | CallersClient,
  options: StoreOptions,
  clock: Clock,
  random: Random,
  mustExist = false,
): Promise<Database> {
  const isUrl = typeof source === 'string';
  const around = { clock, random };
  const connection = await (isUrl ? MongoConnection.open(source, options, around, mustExist) : MongoConnection.on(source, options, around));
  const window = new ClaimWindow(connection, clock, random);
  const namespace = namespaceOf(options.namespace);
  const keys = { ...namespace, mongoId: connection.mongoId };
  const changes = new ChangeWatch({ feed: () => feedOn(connection, options, clock), window, namespace, time: connection.clock, clock });
  const claims = new MongoClaims({ connection, window, keys, clock });
  const looks = new MongoQueueLook(connection, namespace);
  const tasks = new MongoTaskStore({ connection, keys, claims, expired: new ExpiredLeases(connection, clock), changes, looks });
  return {
    url: isUrl ? withoutSecrets(source) : connection.url,
    warnings: connection.warnings,
    looksPerSecond: LOOKS_PER_SECOND,
    ...{ tasks, looks },
    bulk: new MongoBulk(connection, claims, keys),
    tallies: new MongoTallies(connection, namespace),
    progress: new MongoProgressBoard(connection, keys),
    settings: new MongoQueueSettings(connection, namespace),
    schedules: new MongoScheduleStore(connection, namespace, random),
    transit: new MongoTransit(connection, keys),
    ...{ messages: new MongoMessageStore(connection, keys), fifo: new MongoFifo(connection, keys) },
    ...{ records: new MongoRecordStore(connection, namespace), steps: new MongoStepStore(connection, claims, keys) },
    followUps: new MongoFollowUps({ connection, claims, keys }),
    search: new MongoSearch(connection, looks, keys),
    checkSchema: () => connection.checkSchema(),
    liveElsewhere: () => tasks.liveElsewhere(),
    close: async () => {
      await changes.close();
      await connection.close();
    },
  };
}

/** Returns the change stream that all stores on the client of now share. */
function feedOn(connection: MongoConnection, { callTimeoutMs: limitMs }: StoreOptions, clock: Clock): ChangeFeed {
  const { client, streamed: collection } = connection;
  return feedOf(client, collection.namespace, () => new ChangeFeed({ collection, clock, mayStream: () => connection.hasToSpare, limitMs }));
}
