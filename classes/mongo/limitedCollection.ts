import type { mongo } from 'mongoose';
import { HOUR } from '../../constants/limits';
import { isWithoutCollection } from '../../modules/mongo/mongoErrors';
import { limited, withinLimits } from './limited';
import type { Limit, Limits } from './limited';

interface Timed {
  readonly maxTimeMS?: number;
}

/** Time for the build of an index. */
const BUILD_MS = HOUR;

/** What a find or a pipeline brings. All of it is read within one limit. */
interface Found<Row> {
  toArray(): Promise<Row[]>;
}

/** The commands to one collection. Each has a limit in this process: its `maxTimeMS`, else that of a call, and the time for its way. */
export class LimitedCollection<T extends mongo.Document> {
  readonly collectionName: string;
  readonly namespace: string;
  readonly #collection: mongo.Collection<T>;
  readonly #limits: Limits;

  constructor(collection: mongo.Collection<T>, limits: Limits) {
    this.collectionName = collection.collectionName;
    this.namespace = collection.namespace;
    this.#collection = collection;
    this.#limits = limits;
  }

  get writeConcern(): mongo.WriteConcern | undefined {
    return this.#collection.writeConcern;
  }

  findOne(filter: mongo.Filter<T>, options: mongo.FindOptions = {}): Promise<mongo.WithId<T> | null> {
    return this.#send('find', options, (limit) => this.#collection.findOne(filter, limit));
  }

  find(filter: mongo.Filter<T>, options: mongo.FindOptions = {}): Found<mongo.WithId<T>> {
    return { toArray: () => this.#send('find', options, (limit) => this.#collection.find(filter, limit).toArray()) };
  }

  /** Finds what comes in a number of batches. */
  findBatches(filter: mongo.Filter<T>, batches: number, options: mongo.FindOptions = {}): Promise<mongo.WithId<T>[]> {
    return this.#send('find', options, async (limit) => {
      const cursor = this.#collection.find(filter, limit);
      const found: mongo.WithId<T>[] = [];
      try {
        for (let batch = 0; batch < batches && (await cursor.hasNext()); batch += 1) found.push(...cursor.readBufferedDocuments());
        return found;
      } finally {
        // The server ends a cursor that nobody reads.
        await cursor.close().catch(() => undefined);
      }
    });
  }

  aggregate<Row extends mongo.Document>(pipeline: mongo.Document[], options: mongo.AggregateOptions = {}): Found<Row> {
    return { toArray: () => this.#send('aggregate', options, (limit) => this.#collection.aggregate<Row>(pipeline, limit).toArray()) };
  }

  findOneAndUpdate(
    filter: mongo.Filter<T>,
    update: mongo.UpdateFilter<T> | mongo.Document[],
    options: mongo.FindOneAndUpdateOptions,
  ): Promise<mongo.WithId<T> | null> {
    return this.#send('findAndModify', options, (limit) => this.#collection.findOneAndUpdate(filter, update, limit));
  }

  updateOne(
    filter: mongo.Filter<T>,
    update: mongo.UpdateFilter<T> | mongo.Document[],
    options: mongo.UpdateOptions = {},
  ): Promise<mongo.UpdateResult<T>> {
    return this.#send('update', options, (limit) => this.#collection.updateOne(filter, update, limit));
  }

  updateMany(
    filter: mongo.Filter<T>,
    update: mongo.UpdateFilter<T> | mongo.Document[],
    options: mongo.UpdateOptions = {},
  ): Promise<mongo.UpdateResult<T>> {
    return this.#send('update', options, (limit) => this.#collection.updateMany(filter, update, limit));
  }

  bulkWrite(operations: readonly mongo.AnyBulkWriteOperation<T>[], options: mongo.BulkWriteOptions = {}): Promise<mongo.BulkWriteResult> {
    return this.#send('update', options, (limit) => this.#collection.bulkWrite(operations, limit));
  }

  countDocuments(filter: mongo.Filter<T>, options: mongo.CountDocumentsOptions = {}): Promise<number> {
    return this.#send('aggregate', options, (limit) => this.#collection.countDocuments(filter, limit));
  }

  replaceOne(filter: mongo.Filter<T>, document: mongo.WithoutId<T>, options: mongo.ReplaceOptions = {}): Promise<mongo.UpdateResult<T>> {
    return this.#send('update', options, (limit) => this.#collection.replaceOne(filter, document, limit));
  }

  insertOne(document: mongo.OptionalUnlessRequiredId<T>, options: mongo.InsertOneOptions = {}): Promise<unknown> {
    return this.#send('insert', options, (limit) => this.#collection.insertOne(document, limit));
  }

  insertMany(documents: readonly mongo.OptionalUnlessRequiredId<T>[], options: mongo.BulkWriteOptions = {}): Promise<unknown> {
    return this.#send('insert', options, (limit) => this.#collection.insertMany(documents, limit));
  }

  deleteOne(filter: mongo.Filter<T>, options: mongo.DeleteOptions = {}): Promise<mongo.DeleteResult> {
    return this.#send('delete', options, (limit) => this.#collection.deleteOne(filter, limit));
  }

  deleteMany(filter: mongo.Filter<T>, options: mongo.DeleteOptions = {}): Promise<mongo.DeleteResult> {
    return this.#send('delete', options, (limit) => this.#collection.deleteMany(filter, limit));
  }

  /** Makes the indexes that are missing. Of a large collection that takes long, and a silent connection was found before by the look at those there are. */
  async createIndexes(indexes: mongo.IndexDescription[]): Promise<unknown> {
    const known = await this.#send('listIndexes', {}, (limit) =>
      this.#collection
        .listIndexes({ ...limit } as object)
        .toArray()
        .catch(noneYet),
    );
    const names = new Set(known.map((index: mongo.Document) => index['name'] as unknown));
    const isWhole = indexes.every(({ name }) => names.has(name));
    const send = (limit: Limit) => this.#collection.createIndexes(indexes, { ...limit } as mongo.CreateIndexesOptions);
    return isWhole ? this.#send('createIndexes', {}, send) : limited(send, 'createIndexes', BUILD_MS, this.#limits.clock);
  }

  #send<Options extends object, Answer>(name: string, options: Options & Timed, run: (options: Options & Limit) => Promise<Answer>): Promise<Answer> {
    return withinLimits(this.#limits, name, options.maxTimeMS, (limit) => run({ ...options, ...limit }));
  }
}

/** A collection that does not exist has no indexes. */
function noneYet(error: unknown): [] {
  if (isWithoutCollection(error)) return [];
  throw error;
}
