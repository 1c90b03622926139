import type { mongo } from 'mongoose';
import { BSON_OPTIONS } from '../../modules/mongo/bsonOptions';
import type { SchemaDatabase } from '../../modules/mongo/schemaDatabase';
import { withinLimits } from './limited';
import type { Limits } from './limited';
import { LimitedCollection } from './limitedCollection';

/** Options of a command: the driver gives it none of the database. */
const COMMAND = { readPreference: 'primary', ...BSON_OPTIONS } as const;

/** The commands to one database, each with a limit in this process. */
export class LimitedDatabase implements SchemaDatabase {
  readonly name: string;
  readonly #database: mongo.Db;
  readonly #limits: Limits;

  constructor(database: mongo.Db, limits: Limits) {
    this.name = database.databaseName;
    this.#database = database;
    this.#limits = limits;
  }

  collection<T extends mongo.Document>(name: string): LimitedCollection<T> {
    return new LimitedCollection(this.#database.collection<T>(name), this.#limits);
  }

  /** Sends a command as it is. The driver does not send it again. */
  command(command: mongo.Document): Promise<mongo.Document> {
    const { maxTimeMS } = command as { readonly maxTimeMS?: number };
    return withinLimits(this.#limits, Object.keys(command)[0] ?? '', maxTimeMS, (limit) => this.#database.command(command, { ...COMMAND, ...limit }));
  }

  async collectionsOf(names: readonly string[]): Promise<string[]> {
    const options = { nameOnly: true, authorizedCollections: true } as const;
    const listed = await withinLimits(this.#limits, 'listCollections', undefined, (limit) =>
      this.#database.listCollections({ name: { $in: [...names] } }, { ...options, ...limit }).toArray(),
    );
    return listed.map(({ name }) => name);
  }
}
