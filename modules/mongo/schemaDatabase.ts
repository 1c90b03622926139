import type { mongo } from 'mongoose';

/** The commands to one collection that the schema needs. */
export interface SchemaCollection<T extends mongo.Document> {
  findOne(filter: mongo.Filter<T>, options?: mongo.FindOptions): Promise<mongo.WithId<T> | null>;
  findOneAndUpdate(filter: mongo.Filter<T>, update: mongo.UpdateFilter<T>, options: mongo.FindOneAndUpdateOptions): Promise<mongo.WithId<T> | null>;
  updateOne(filter: mongo.Filter<T>, update: mongo.UpdateFilter<T>, options: mongo.UpdateOptions): Promise<unknown>;
  createIndexes(indexes: mongo.IndexDescription[]): Promise<unknown>;
}

/** A database whose schema is brought up to date. */
export interface SchemaDatabase {
  readonly name: string;
  collection<T extends mongo.Document = mongo.Document>(name: string): SchemaCollection<T>;
  /** Returns those of these names that a collection has. */
  collectionsOf(names: readonly string[]): Promise<string[]>;
}
