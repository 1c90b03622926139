import { ANSWER_BYTES } from '../../constants/limits';
import { MESSAGES_A_CALL } from '../../constants/brokerLimits';
import { fifoTask, firstOfGroups, READY_INDEX } from '../../modules/mongo/fifoDocuments';
import type { FifoDocument, FifoGroupDocument } from '../../modules/mongo/fifoDocuments';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { BY_ID } from '../../modules/mongo/taskFilters';
import type { Uuid } from '../../modules/mongo/uuid';
import type { FifoClaim } from '../../modules/ports/fifoStore';
import type { StoreTime } from '../../modules/task/dueAt';
import type { Task } from '../../modules/task/task';
import { uuidOf } from '../../modules/task/uuidBytes';
import type { FifoGroups } from './fifoGroups';
import type { MongoConnection } from './mongoConnection';

/** A message whose payload is larger is read after its claim: those of a group would not fit into one document of a look. */
const SMALL_BYTES = 8 * 1024;

/** Looks of one claim: others may have taken what was found. */
const LOOKS = 4;

/** A message that a look has found. */
type Found = Omit<FifoDocument, 'payload'> & { readonly bytes: number; readonly payload?: string };

/** A group that can be claimed, with its first messages. */
interface ReadyGroup extends FifoGroupDocument {
  readonly messages: readonly Found[];
}

/** What one receive is about to take of a group. */
interface Share {
  readonly at: number;
  readonly group: ReadyGroup;
  readonly messages: readonly Found[];
}

/** The claim of FIFO queues on MongoDB: a look at groups and their messages, the lock of the groups, and the marks of the messages. */
export class FifoClaims {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;
  readonly #groups: FifoGroups;
  /** Messages that a group had at the last look, by queue: so a look brings about as many as are asked for. */
  readonly #depths = new Map<string, number>();

  constructor(connection: MongoConnection, keys: MongoKeys, groups: FifoGroups) {
    this.#connection = connection;
    this.#keys = keys;
    this.#groups = groups;
  }

  async claim(request: FifoClaim): Promise<Task[][]> {
    const queue = this.#keys.inside(request.queue);
    const limits = request.limits.map((limit) => Math.min(limit, MESSAGES_A_CALL));
    const claimed = limits.map((): Task[] => []);
    const passed = new Set<string>();
    for (let look = 0; look < LOOKS; look += 1) {
      const open = limits.map((limit, at) => limit - (claimed[at] as Task[]).length);
      const wanted = open.reduce((sum, one) => sum + one, 0);
      if (wanted === 0) break;
      const time = await this.#connection.clock.now();
      const most = Math.max(1, Math.ceil(wanted / (this.#depths.get(queue) ?? 1)));
      const found = await this.#look(queue, most, Math.max(...open), time);
      const groups = found.filter(({ group }) => !passed.has(group));
      const shares = sharesOf(groups, open, time.latestMs);
      if (shares.length > 0) for (const [at, tasks] of await this.#take(queue, shares, request, time)) (claimed[at] as Task[]).push(...tasks);
      for (const { group } of groups) passed.add(group);
      await this.#groups.correct(queue, groups.filter(({ messages }) => dueOf(messages, time.latestMs).length === 0).map(({ group }) => group)); // prettier-ignore
      if (found.length < most || groups.length === 0) break;
    }
    return claimed;
  }

  async #look(queue: string, most: number, limit: number, { latestMs }: StoreTime): Promise<ReadyGroup[]> {
    const { fifoGroups, fifo, maxTimeMS } = this.#connection;
    const bytes = { $strLenBytes: '$payload' };
    const small = { $cond: [{ $lt: ['$bytes', SMALL_BYTES] }, '$payload', '$$REMOVE'] };
    const messagesOf = firstOfGroups(fifo.collectionName, {
      queue,
      limit,
      then: [{ $set: { bytes } }, { $set: { payload: small } }],
      as: 'messages',
    });
    const pipeline = [{ $match: { queue, readyAt: { $lte: new Date(latestMs) } } }, { $sort: { readyAt: 1 } }, { $limit: most }, messagesOf];
    const found = await fifoGroups.aggregate<ReadyGroup>(pipeline, { hint: READY_INDEX, maxTimeMS }).toArray();
    const messages = found.reduce((sum, group) => sum + group.messages.length, 0);
    if (found.length > 0) this.#depths.set(queue, Math.max(1, messages / found.length));
    return found;
  }

  /** Locks groups and marks their messages. A group that another consumer was faster with is left out. */
  async #take(queue: string, shares: readonly Share[], request: FifoClaim, time: StoreTime): Promise<[at: number, tasks: Task[]][]> {
    const { fifo, fifoGroups, maxTimeMS } = this.#connection;
    const { token, leaseMs } = request;
    const ids = shares.map(({ group }) => group._id);
    const until = new Date(time.latestMs);
    const isReady = { readyAt: { $lte: until }, $expr: { $lte: ['$readyAt', '$$NOW'] } };
    // A lease of no length locks as well. It ends later than the leases of the messages, whose ends come from an earlier bound of the time.
    const lock = { token: { $literal: token }, rev: { $add: ['$rev', 1] }, readyAt: { $add: ['$$NOW', Math.max(1, leaseMs)] }, expireAt: '$$REMOVE' };
    const { matchedCount } = await fifoGroups.updateMany({ _id: { $in: ids }, queue, ...isReady }, [{ $set: lock }], {
      hint: BY_ID,
      maxTimeMS,
    });
    const won = matchedCount === ids.length ? shares : await this.#wonOf(queue, shares, token);
    if (won.length === 0) return [];
    const visibleAt = new Date(time.earliestMs + leaseMs);
    const wanted = won.flatMap(({ messages }) => messages);
    const isDue = { state: 'live', visibleAt: { $lte: until }, $expr: { $lte: ['$visibleAt', '$$NOW'] } };
    const mark = { $set: { token, visibleAt, leaseMs }, $inc: { attempt: 1 } };
    const marked = await fifo.updateMany({ _id: { $in: wanted.map(({ _id }) => _id) }, queue, ...isDue } as object, mark, { hint: BY_ID, maxTimeMS });
    const isWhole = marked.matchedCount === wanted.length && wanted.every(({ payload }) => payload !== undefined);
    const documents = isWhole ? undefined : await this.#marked(queue, wanted.map(({ _id }) => _id), token); // prettier-ignore
    return won.map(({ at, messages }) => [at, messages.flatMap((message) => this.#taskOf(message, documents, { token, visibleAt, leaseMs }))]);
  }

  #taskOf(
    message: Found,
    documents: ReadonlyMap<string, FifoDocument> | undefined,
    lease: Pick<FifoDocument, 'token' | 'visibleAt' | 'leaseMs'>,
  ): Task[] {
    const document = documents ? documents.get(uuidOf(message._id.buffer)) : ({ ...message, ...lease, attempt: message.attempt + 1 } as FifoDocument);
    // A lease of no length is shown as one.
    return document ? [fifoTask(document, this.#keys, document.visibleAt.getTime() - 1)] : [];
  }

  async #wonOf(queue: string, shares: readonly Share[], token: string): Promise<readonly Share[]> {
    const { fifoGroups, maxTimeMS } = this.#connection;
    const ids = shares.map(({ group }) => group._id);
    const locked = await fifoGroups.find({ _id: { $in: ids }, queue, token }, { projection: { group: 1 }, hint: BY_ID, maxTimeMS }).toArray();
    const names = new Set(locked.map(({ group }) => group));
    return shares.filter(({ group }) => names.has(group.group));
  }

  async #marked(queue: string, ids: readonly Uuid[], token: string): Promise<Map<string, FifoDocument>> {
    const { fifo, maxTimeMS } = this.#connection;
    const found = await fifo.find({ _id: { $in: [...ids] }, queue, token, state: 'live' }, { hint: BY_ID, maxTimeMS }).toArray();
    return new Map(found.map((document) => [uuidOf(document._id.buffer), document]));
  }
}

/** Returns the first messages up to one that is not due. */
function dueOf(messages: readonly Found[], latestMs: number): readonly Found[] {
  const blocked = messages.findIndex(({ visibleAt }) => visibleAt.getTime() > latestMs);
  return blocked < 0 ? messages : messages.slice(0, blocked);
}

/** Gives each receive of one group as much as it goes, then of the next one. */
function sharesOf(groups: readonly ReadyGroup[], open: readonly number[], latestMs: number): Share[] {
  const left = [...open];
  const shares: Share[] = [];
  let bytes = ANSWER_BYTES;
  let at = 0;
  for (const group of groups) {
    while (at < left.length && left[at] === 0) at += 1;
    if (at === left.length || bytes <= 0) break;
    const messages: Found[] = [];
    for (const message of dueOf(group.messages, latestMs).slice(0, left[at])) {
      if (bytes <= 0) break;
      bytes -= message.bytes;
      messages.push(message);
    }
    if (messages.length === 0) continue;
    shares.push({ at, group, messages });
    left[at] = (left[at] as number) - messages.length;
  }
  return shares;
}
