import { whyNoMongo } from '../../test/support/mongod';
import { startElasticmq } from './elasticmq';
import { startMongodb, startStandalone } from './mongodb';
import { startPostgres } from './postgres';
import { startRedis } from './redis';
import type { Server, ServerKind } from './server';
import { startSqlite } from './sqliteFolder';

const STARTS: Readonly<Record<ServerKind, () => Promise<Server>>> = {
  sqlite: startSqlite,
  mongodb: startMongodb,
  'mongodb-standalone': startStandalone,
  redis: () => startRedis('redis'),
  'redis-fsync': () => startRedis('redis-fsync'),
  'redis-memory': () => startRedis('redis-memory'),
  postgres: startPostgres,
  elasticmq: startElasticmq,
};

/** The servers of one benchmark. Each starts when it is first needed, and all stop together. */
export class Servers {
  readonly #started = new Map<ServerKind, Promise<Server | string>>();
  #isEnding = false;

  /** Returns a running server, or the reason why there is none. */
  get(kind: ServerKind): Promise<Server | string> {
    let server = this.#started.get(kind);
    if (!server) this.#started.set(kind, (server = this.#start(kind)));
    return server;
  }

  /** Returns the versions of the servers that ran. */
  async versions(): Promise<string[]> {
    const servers = await Promise.all(this.#started.values());
    return servers.flatMap((server) => (typeof server === 'string' ? [] : [server.version]));
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    const servers = await Promise.all(this.#started.values());
    await Promise.allSettled(servers.map((server) => (typeof server === 'string' ? Promise.resolve() : server.stop())));
  }

  async #start(kind: ServerKind): Promise<Server | string> {
    if (this.#isEnding) return 'the benchmark ends';
    if (kind.startsWith('mongodb')) {
      const why = await whyNoMongo();
      if (why !== null) return why;
    }
    return STARTS[kind]().catch((error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'it does not start');
  }
}
