import { setTimeout as wait } from 'node:timers/promises';
import { mongo as driver } from 'mongoose';
import type { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server';
import { eventually } from './eventually';
import { launchReplicas, whyNoMongo } from './mongod';

const MEMBERS = 3;

/** Short times, so that the test of an election takes seconds. */
const SETTINGS = { electionTimeoutMillis: 1_500, heartbeatIntervalMillis: 500 };

/** A member that does not answer within this time does not count as the primary. */
const HELLO_MS = 300;

/** One server of the set. A test may stop, kill and restart it. */
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

  /** Runs an admin command on this member alone. */
  command(command: driver.Document): Promise<driver.Document> {
    return this.#client.db('admin').command(command);
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.#instance.mongodProcess?.pid;
    if (pid !== undefined) process.kill(pid, signal);
  }

  /** Kills the server as a crash would. Resolves when it is gone. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#instance.mongodProcess?.once('close', resolve));
    this.signal('SIGKILL');
    await gone;
    await this.#instance.stop();
  }

  /** Restarts the server on its own data, unless it is running. */
  async start(): Promise<void> {
    if (!this.#instance.mongodProcess) await this.#instance.start();
  }

  /** Tells whether it is the primary. A member that is down is not. */
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

/** A replica set of three members for this run alone. */
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

  /** Returns the primary as soon as there is one. */
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

  /** Resolves when a majority accepts writes again. Returns that instant on the monotonic clock. */
  async serves(): Promise<number> {
    await eventually('a write of the majority', async () => {
      const primary = await this.primary();
      await primary.command({ appendOplogNote: 1, data: { probe: 1 }, writeConcern: { w: 'majority', wtimeout: 1_000 } });
      return true;
    });
    return performance.now();
  }

  /** Restarts all members and waits until they follow each other again. */
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

/** The fail points that tests turn on. */
const FAIL_POINTS = ['failCommand', 'onPrimaryTransactionalWrite', 'WTWriteConflictException'];

let starting: Promise<ReplicaSet> | undefined;

/** Returns the reason why a replica set cannot be started, or null if it can. */
export async function whyNoReplicaSet(): Promise<string | null> {
  return process.env['MONGODB_TEST_URI'] ? 'the server of MONGODB_TEST_URI is not ours to be stopped' : whyNoMongo();
}

/** Returns the replica set of this run. The first call starts it. */
export const replicaSet = (): Promise<ReplicaSet> => (starting ??= launchReplicas(MEMBERS, SETTINGS).then((replicas) => new ReplicaSet(replicas)));

/** Stops the replica set if it was started. */
export async function stopReplicaSet(): Promise<void> {
  const started = starting;
  starting = undefined;
  await (await started?.catch(() => undefined))?.stop();
}
