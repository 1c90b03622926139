import type { Connection, mongo } from 'mongoose';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { isMongoose } from '../../modules/store/storeSource';
import type { MongoConnection as CallersClient, MongooseConnection as CallersMongoose } from '../../modules/store/callersConnection';

/** Where a store gets its client from. */
export interface MongoSource {
  /** Returns the client of now. A Mongoose connection that connects again has another one. */
  readonly client: () => mongo.MongoClient;
  /** The name of the database; without one, that of the client. */
  readonly name?: string;
  /** The name was chosen, and is no default. */
  readonly namesDatabase: boolean;
  /** The caller has made the client, has set its options, and closes it. */
  readonly isCallers: boolean;
  readonly close: () => Promise<void>;
}

/**
 * Takes a Mongoose connection of the caller's, once it is open, or a client of the driver. No model is registered on it.
 *
 * @throws HOLDFAST_STORE_UNREACHABLE
 */
export async function sourceOfCaller(given: CallersMongoose | CallersClient): Promise<MongoSource> {
  const rest = { isCallers: true, namesDatabase: true, close: () => Promise.resolve() };
  if (!isMongoose(given)) return { ...rest, client: () => given as unknown as mongo.MongoClient };
  const field = 'the connection given';
  const opened = given as unknown as Pick<Connection, 'asPromise' | 'name'>;
  await opened.asPromise().catch((cause: unknown) => {
    throw new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { field, cause });
  });
  const client = (): unknown => given.getClient();
  // A connection that was never connected has no client, whatever its type says.
  if (!client()) throw new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { field, expected: 'connected: call connect() first' });
  return { ...rest, client: client as MongoSource['client'], name: opened.name };
}
