import os from 'node:os';
import { Mongoose } from 'mongoose';
import type { ConnectOptions } from 'mongoose';
import type { StoreOptions } from '../../config/optionTypes';
import { SECOND } from '../../constants/limits';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { MongoSource } from './callersMongo';
import { isAboutUrl } from '../../modules/mongo/mongoErrors';
import { refusalOf } from '../../modules/mongo/refusalOf';
import { collectionNames, taskSchema } from '../../modules/mongo/mongoSchema';
import { redactUrl, withoutSecrets } from '../../modules/ports/storeUrl';

const DEFAULT_DATABASE = 'holdfast';

const MODEL = 'HoldfastTask';

/**
 * Connects by a URL with a Mongoose of the store's own. The plugins, settings, `syncIndexes()` and `disconnect()` of the application's Mongoose do not
 * reach it, and the application does not find the connection among its own.
 *
 * @throws HOLDFAST_STORE_UNREACHABLE, HOLDFAST_LOGIN_REFUSED, HOLDFAST_RIGHTS_MISSING or HOLDFAST_URL_INVALID.
 */
export async function connectOwnMongoose(url: string, { callTimeoutMs, prefix }: StoreOptions): Promise<MongoSource> {
  const options: ConnectOptions = {
    ...(namesDatabase(url) ? {} : { dbName: DEFAULT_DATABASE }),
    serverSelectionTimeoutMS: callTimeoutMs,
    connectTimeoutMS: callTimeoutMs,
    waitQueueTimeoutMS: callTimeoutMs,
    socketTimeoutMS: callTimeoutMs + SECOND / 2,
    // Only the next heartbeat finds a lost server again. The 10 s of the driver would keep workers waiting.
    heartbeatFrequencyMS: SECOND,
    // Without it the driver loads `os` by `import()`, which Jest refuses, and then sends a handshake that the server refuses.
    runtimeAdapters: { os },
    // The store decides what is sent again: a claim never, the rest by ids and tokens. Retries of the driver cost two more writes a claim.
    retryWrites: false,
    autoIndex: false,
    autoCreate: false,
  };
  try {
    const connection = await new Mongoose().createConnection(url, options).asPromise();
    connection.model(MODEL, taskSchema(collectionNames(prefix).tasks));
    return {
      client: () => connection.getClient(),
      name: connection.name,
      isCallers: false,
      namesDatabase: namesDatabase(url),
      close: () => connection.close(),
    };
  } catch (cause) {
    const because = redactUrl(cause instanceof Error ? cause.message : '', url);
    const refusal = refusalOf(cause, withoutSecrets(url), because);
    if (refusal) throw refusal;
    throw new HoldfastError(isAboutUrl(cause) ? 'HOLDFAST_URL_INVALID' : 'HOLDFAST_STORE_UNREACHABLE', {
      field: withoutSecrets(url),
      cause,
      because,
    });
  }
}

const namesDatabase = (url: string): boolean => /^mongodb(\+srv)?:\/\/[^/]+\/[^?/]/.test(url);
