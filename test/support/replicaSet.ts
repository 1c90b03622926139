import { setTimeout as wait } from 'node:timers/promises';
import { mongo as driver } from 'mongoose';
import type { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server';
import { eventually } from './eventually';
import { launchReplicas, whyNoMongo } from './mongod';

const MEMBERS = 3;

/** Short, so that a test of an election takes seconds. */
const SETTINGS = { electionTimeoutMillis: 1_500, heartbeatIntervalMillis: 500 };

/** A member that has not told by then whether it leads is taken for one that does not. */
const HELLO_MS = 300;

/** One server of the set, which a test may stop, kill and start again. */
export class Member {
  readonly #server: MongoMemoryServer;
  readonly #client: driver.MongoClient;

  constructor(server: MongoMemoryServer) {
    this.#server = server;
    const fast = { serverSelectionTimeoutMS: 400, connectTimeoutMS: 400, socketTimeoutMS: 2_000, heartbeatFrequencyMS: 500, retryReads: false };
    this.#client = new driver.MongoClient(`mongodb://127.0.0.1:${this.port}/admin`, { directConnection: true, ...fast });
  }

  get port(): number {
    return this.#instance.instanceOpts.port ?? 0;
  }

  /** Runs a command of an administrator on this member alone. */
  command(command: driver.Document): Promise<driver.Document> {
    return this.#client.db('admin').command(command);
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.#instance.mongodProcess?.pid;
    if (pid !== undefined) process.kill(pid, signal);
  }

  /** Kills it, as a crash does; resolves when it is gone. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#instance.mongodProcess?.once('close', resolve));
    this.signal('SIGKILL');
    await gone;
    await this.#instance.stop();
  }

  /** Starts it again on its own data, where it is not running. */
  async start(): Promise<void> {
    if (!this.#instance.mongodProcess) await this.#instance.start();
  }

  /** Tells whether it leads; one that is away does not. */
  leads(): Promise<boolean> {
    const told = this.command({ hello: 1 }).then(
      ({ isWritablePrimary }) => isWritablePrimary === true,
      () => false,
    );
    return Promise.race([told, wait(HELLO_MS, false)]);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  get #instance() {
    const info = this.#server.instanceInfo;
    if (!info) throw new Error('the member has been stopped');
    return info.instance;
  }
}

/** A replica set of three that is this run's own. */
export class ReplicaSet {
  readonly members: readonly Member[];
  readonly #replicas: MongoMemoryReplSet;

  constructor(replicas: MongoMemoryReplSet) {
    this.#replicas = replicas;
    this.members = replicas.servers.map((server) => new Member(server));
  }

  uri(database: string): string {
    return this.#replicas.getUri(database);
  }

  /** The member that leads, as soon as there is one. */
  primary(): Promise<Member> {
    return eventually('a primary', async () => {
      const leads = await Promise.all(this.members.map((member) => member.leads()));
      return this.members[leads.indexOf(true)];
    });
  }

  async secondaries(): Promise<Member[]> {
    const primary = await this.primary();
    return this.members.filter((member) => member !== primary);
  }

  /** Resolves when a majority takes writes again, with the instant at which it did, on the monotonic clock. */
  async serves(): Promise<number> {
    await eventually('a write of the majority', async () => {
      const primary = await this.primary();
      await primary.command({ appendOplogNote: 1, data: { probe: 1 }, writeConcern: { w: 'majority', wtimeout: 1_000 } });
      return true;
    });
    return performance.now();
  }

  /** Has all members run and follow each other again. */
  async heal(): Promise<void> {
    for (const member of this.members) member.signal('SIGCONT');
    for (const member of this.members) await member.start();
    await this.serves();
    await eventually('all members follow', async () => {
      const { members } = await (await this.primary()).command({ replSetGetStatus: 1 });
      return (members as { state: number }[]).every(({ state }) => state === 1 || state === 2);
    });
    for (const member of this.members) await this.#withoutFailPoints(member);
  }

  async stop(): Promise<void> {
    for (const member of this.members) member.signal('SIGCONT');
    for (const member of this.members) await member.close();
    await this.#replicas.stop({ doCleanup: true });
  }

  async #withoutFailPoints(member: Member): Promise<void> {
    for (const configureFailPoint of FAIL_POINTS) await member.command({ configureFailPoint, mode: 'off' });
  }
}

/** Those that tests turn on. */
const FAIL_POINTS = ['failCommand', 'onPrimaryTransactionalWrite', 'WTWriteConflictException'];

let starting: Promise<ReplicaSet> | undefined;

/** Returns why there is no replica set of our own to be had, or null where there is one. */
export async function whyNoReplicaSet(): Promise<string | null> {
  return process.env['MONGODB_TEST_URI'] ? 'the server of MONGODB_TEST_URI is not ours to be stopped' : whyNoMongo();
}

/** The replica set of this run: started when it is first asked for, and once. */
export const replicaSet = (): Promise<ReplicaSet> => (starting ??= launchReplicas(MEMBERS, SETTINGS).then((replicas) => new ReplicaSet(replicas)));

/** Stops it, where it was started. */
export async function stopReplicaSet(): Promise<void> {
  const started = starting;
  starting = undefined;
  await (await started?.catch(() => undefined))?.stop();
}
