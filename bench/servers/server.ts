/** The servers that systems run on. A SQLite file counts as one. */
export type ServerKind = 'sqlite' | 'mongodb' | 'mongodb-standalone' | 'redis' | 'redis-fsync' | 'redis-memory' | 'postgres' | 'elasticmq';

/** A server started for the benchmark, on a free port of this machine, with its data in a temporary folder. */
export interface Server {
  /** Program and version, for the results. */
  readonly version: string;
  /** Returns the URL of an empty database. */
  freshUrl(): Promise<string>;
  /** Removes a database. Otherwise the server's later work on old data would be part of the next runs. */
  drop(url: string): Promise<void>;
  /** Stops the server and removes its data. Safe to call twice. */
  stop(): Promise<void>;
}
