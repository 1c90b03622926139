/**
 * The connections and transactions of the caller, by what they can do and not by their class: programs have other versions of Mongoose, of the driver
 * and of the types of Node.js than Holdfast was built with.
 */

/** A database of the `node:sqlite` API, as `new DatabaseSync(path)` makes it. */
export interface SqliteConnection {
  /** Runs SQL without a result. */
  exec(sql: string): void;
  /** Prepares one statement. */
  prepare(sql: string): object;
  /** Opens a database that was made without being opened. */
  open(): void;
  /** Closes the database. */
  close(): void;
}

/** A connection of Mongoose, for example `mongoose.connection`. */
export interface MongooseConnection {
  /** Returns the client of the driver. */
  getClient(): object;
  /** Starts a session. */
  startSession(): Promise<object>;
  /** Closes the connection. */
  close(): Promise<unknown>;
}

/** A client of the `mongodb` package, as `new MongoClient(url)` makes it. */
export interface MongoConnection {
  /** Connects the client. */
  connect(): Promise<unknown>;
  /** Returns a database: without a name, that of the URL. */
  db(name?: string): object;
  /** Starts a session. */
  startSession(): object;
  /** Closes the client. */
  close(): Promise<unknown>;
}

/** A session of MongoDB, which may have a transaction. */
export interface MongoSession {
  /** Tells whether the session has a transaction that is neither committed nor aborted. */
  inTransaction(): boolean;
  /** Ends the session. */
  endSession(): Promise<void>;
}

/** A connection of the caller's. `add` can join its transactions, and closing the store leaves it open. */
export type CallersConnection = MongooseConnection | MongoConnection | SqliteConnection;
