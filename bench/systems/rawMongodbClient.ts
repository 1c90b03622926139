import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import { newId } from '../../modules/task/newId';
import { uuidBytes } from '../../modules/task/uuidBytes';
import { chunks, coalesced, inFlight, INSERT_TASKS, QUEUE, runAll, sleep } from './common';
import type { Ended } from './common';
import { RAW_CLAIM_KEY, RawWindow } from './rawWindow';
import type { RawDocument, RawTasks } from './rawWindow';
import { rawPatchTree } from './rawPatchTree';
import type { Client, Job, Payload, WorkerAsk, Working } from './system';

/** Size of a claim. Two are under way at once. */
const BATCH = 1_000;
/** Below this limit two commands cost more than they gain. */
const SMALL = 250;
const LEASE_MS = 30_000;
const KEEP_MS = 86_400_000;
const EMPTY_PAUSE_MS = 2;
const INSERTS_IN_FLIGHT = 2;

const WRITE_CONCERN = { w: 'majority', j: true } as const;

/** The tasks claimed by one command. */
interface Claimed {
  readonly documents: readonly RawDocument[];
  readonly token: string;
}

class RawMongodb implements Client {
  readonly #client: mongo.MongoClient;
  readonly #tasks: RawTasks;
  readonly add = coalesced((jobs: Job[]) => this.#tasks.insertMany(jobs.map(documentOf)));
  #end = (): Promise<void> => Promise.resolve();

  constructor(client: mongo.MongoClient) {
    this.#client = client;
    this.#tasks = client.db().collection<RawDocument>('tasks', { writeConcern: WRITE_CONCERN });
  }

  async createIndexes(): Promise<void> {
    await this.#tasks.createIndexes([
      { key: RAW_CLAIM_KEY, partialFilterExpression: { state: 'waiting' } },
      { key: { expireAt: 1 }, expireAfterSeconds: 0, partialFilterExpression: { expireAt: { $exists: true } } },
    ]);
  }

  addMany(jobs: readonly Job[]): Promise<void> {
    return inFlight(chunks(jobs, INSERT_TASKS), INSERTS_IN_FLIGHT, (some) => this.#tasks.insertMany(some.map(documentOf)));
  }

  work(ask: WorkerAsk): Promise<Working> {
    let isStopping = false;
    const ended = this.#loop(ask, () => isStopping);
    this.#end = () => {
      isStopping = true;
      return ended;
    };
    return Promise.resolve({ stop: this.#end });
  }

  async close(): Promise<void> {
    await this.#end();
    await this.#client.close();
  }

  /** Reads the next window while it claims one, and writes the outcomes of a batch while it claims the next. */
  async #loop(ask: WorkerAsk, isStopping: () => boolean): Promise<void> {
    const limit = Math.min(2 * BATCH, ask.maxConcurrency);
    const window = new RawWindow(this.#tasks, limit);
    let settling: Promise<void> = Promise.resolve();
    while (!isStopping()) {
      const found = await window.take();
      if (found.length === 0) await sleep(EMPTY_PAUSE_MS);
      const claims = await Promise.all(chunks(found, limit > SMALL ? Math.ceil(limit / 2) : limit).map((some) => this.#claim(some)));
      const ended = await Promise.all(claims.map(({ documents }) => runDocuments(documents, ask)));
      await settling;
      settling = Promise.all(claims.map((claim, index) => this.#settle(claim, ended[index] ?? [], ask))).then(() => undefined);
    }
    await settling;
  }

  /** Claims documents. If all of them matched, nothing has to be read again. */
  async #claim(documents: readonly RawDocument[]): Promise<Claimed> {
    const token = randomUUID();
    const _id = { $in: documents.map((document) => document._id) };
    const { matchedCount } = await this.#tasks.updateMany({ _id, state: 'waiting' }, claimPipeline(token));
    if (matchedCount === documents.length) return { documents, token };
    return { documents: await this.#tasks.find({ _id, 'lease.token': token }).toArray(), token };
  }

  async #settle({ documents, token }: Claimed, ended: readonly Ended[], { keep, onSettled }: WorkerAsk): Promise<void> {
    const entries = documents.map(({ _id }, index) => ({ _id, ...(ended[index] as Ended) }));
    const [succeeded, failed] = [entries.filter(({ ok }) => ok), entries.filter(({ ok }) => !ok)];
    const filterOf = (some: typeof entries) => ({ _id: { $in: some.map(({ _id }) => _id) }, 'lease.token': token });
    const writes: Promise<unknown>[] = [];
    if (succeeded.length > 0)
      writes.push(keep ? this.#tasks.updateMany(filterOf(succeeded), keepPipeline(succeeded)) : this.#tasks.deleteMany(filterOf(succeeded)));
    if (failed.length > 0) writes.push(this.#tasks.updateMany(filterOf(failed), endPipeline('dead', { error: 'failed' })));
    await Promise.all(writes);
    onSettled(documents.length);
  }
}

const runDocuments = (documents: readonly RawDocument[], { handler }: WorkerAsk): Promise<Ended[]> =>
  Promise.resolve(runAll(documents, ({ payload }) => handler(JSON.parse(payload) as Payload)));

const claimPipeline = (token: string): object[] => [
  {
    $set: {
      state: 'running',
      attempt: { $add: ['$attempt', 1] },
      lease: { token, workerId: 'raw', ms: LEASE_MS, expiresAt: { $add: ['$$NOW', LEASE_MS] } },
    },
  },
];

const endPipeline = (state: string, patch: object): object[] => [
  { $replaceWith: { $mergeObjects: ['$$ROOT', patch, { state, finishedAt: '$$NOW', expireAt: { $add: ['$$NOW', KEEP_MS] } }] } },
  { $unset: 'lease' },
];

const keepPipeline = (succeeded: readonly { _id: mongo.BSON.UUID; result: unknown }[]): object[] => {
  const patches = succeeded.map(({ _id, result }) => ({ id: _id, patch: result === undefined ? {} : { result: JSON.stringify(result) } }));
  return endPipeline('succeeded', rawPatchTree(patches));
};

function documentOf({ payload, delayMs = 0, priority = 0 }: Job): RawDocument {
  const now = Date.now();
  return {
    _id: new mongo.BSON.UUID(uuidBytes(newId())),
    queue: QUEUE,
    name: 'measure',
    payload: JSON.stringify(payload),
    state: 'waiting',
    priority,
    attempt: 0,
    failures: 0,
    maxRetries: 1,
    availableAt: new Date(now + delayMs),
    createdAt: new Date(now),
  };
}

/** Opens the raw driver on a database, with the indexes that claims need. */
export async function openRawMongodb(url: string): Promise<Client> {
  const raw = new RawMongodb(await new mongo.MongoClient(url).connect());
  await raw.createIndexes();
  return raw;
}
