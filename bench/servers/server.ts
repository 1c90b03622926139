/** The servers that systems run on; a file is one too. */
export type ServerKind = 'sqlite' | 'mongodb' | 'mongodb-standalone' | 'redis' | 'redis-fsync' | 'redis-memory' | 'postgres';

/** A server that was started for the benchmark, on a free port of this machine with its data in a folder of its own. */
export interface Server {
  /** Program and version, told with the results. */
  readonly version: string;
  /** A database that nothing was in. */
  freshUrl(): Promise<string>;
  /** Removes a database: what a server still does with what earlier runs have left would be a part of later ones. */
  drop(url: string): Promise<void>;
  /** Ends it and removes its data. Safe to call twice. */
  stop(): Promise<void>;
}
