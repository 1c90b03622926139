import { SETTLED_MEMORY_MS } from '../../constants/limits';
import { CHAIN_INDEX, fifoDocument, ONCE_INDEX } from '../../modules/mongo/fifoDocuments';
import type { FifoDocument } from '../../modules/mongo/fifoDocuments';
import { duplicatesOf } from '../../modules/mongo/mongoErrors';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { BY_ID } from '../../modules/mongo/taskFilters';
import { groupOf } from '../../modules/ports/fifoStore';
import type { FifoSend, FifoSent } from '../../modules/ports/fifoStore';
import type { StoreTime } from '../../modules/task/dueAt';
import { uuidOf } from '../../modules/task/uuidBytes';
import { groupBy } from '../../modules/values/groupBy';
import type { Added, FifoGroups } from './fifoGroups';
import type { MongoConnection } from './mongoConnection';

/** Every message has an answer; this one is never given. */
const UNKNOWN: FifoSent = Object.freeze({ id: '', sequence: 0, added: false });

/** A batch of messages for one queue. */
interface SendBatch {
  readonly queue: string;
  readonly time: StoreTime;
  /** The last sequence of each group so far. */
  readonly tails: Map<string, number>;
  readonly answers: Map<FifoSend, FifoSent>;
}

/**
 * The sends to FIFO queues on MongoDB.
 *
 * A message gets the sequence after the last one of its group, and an index lets no two have the same: who is second looks again. So a message is there
 * before any with a later sequence, without a transaction.
 */
export class FifoSends {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;
  readonly #groups: FifoGroups;

  constructor(connection: MongoConnection, keys: MongoKeys, groups: FifoGroups) {
    this.#connection = connection;
    this.#keys = keys;
    this.#groups = groups;
  }

  async send(known: string, messages: readonly FifoSend[]): Promise<FifoSent[]> {
    const queue = this.#keys.inside(known);
    const time = await this.#connection.clock.now();
    const names = [...new Set(messages.map(({ task }) => groupOf(task)))];
    const [done, groups, before] = await Promise.all([
      this.#groups.intend(queue, names, time),
      this.#groups.of(queue, names, time),
      this.#sentBefore(queue, messages, time),
    ]);
    const tails = new Map([...groups].map(([name, { tail }]) => [name, tail]));
    const batch: SendBatch = { queue, time, tails, answers: new Map() };
    const firsts = new Map<string, FifoSend>();
    const fresh = messages.filter((message) => {
      const { onceAs } = message;
      const earlier = onceAs === null ? undefined : before.get(onceAs);
      if (earlier) batch.answers.set(message, earlier);
      else if (onceAs !== null && firsts.has(onceAs)) return false;
      else if (onceAs !== null) firsts.set(onceAs, message);
      return !earlier;
    });
    await this.#append(batch, fresh);
    await this.#groups.publish(queue, addedBy(batch, messages));
    done();
    return messages.map((message) => {
      const own = batch.answers.get(message);
      const first = own ?? batch.answers.get(firsts.get(message.onceAs ?? '') ?? message) ?? UNKNOWN;
      return { ...first, added: own !== undefined && first.id === message.task.id };
    });
  }

  /** Returns the last sequence of a group, also of a message whose group does not have it yet. */
  async lastOf(queue: string, group: string): Promise<number> {
    const { fifo, maxTimeMS } = this.#connection;
    const options = { projection: { seq: 1 }, sort: { seq: -1 }, limit: 1, hint: CHAIN_INDEX, maxTimeMS } as const;
    const [last] = await fifo.find({ queue, group }, options).toArray();
    return last?.seq ?? 0;
  }

  /** Writes messages in their order. Where one is refused, those before it are written, and the others go on behind it. */
  async #append(batch: SendBatch, messages: readonly FifoSend[]): Promise<void> {
    for (let rest = messages; rest.length > 0;) {
      const documents = this.#numbered(batch, rest);
      const fault = await this.#insert(documents);
      const written = fault?.index ?? rest.length;
      for (let at = 0; at < written; at += 1) noteSent(batch, rest[at] as FifoSend, (documents[at] as FifoDocument).seq);
      rest = rest.slice(written);
      if (fault && (await this.#dealWith(fault.errmsg, batch, rest[0] as FifoSend))) rest = rest.slice(1);
    }
  }

  #numbered({ queue, tails, time }: SendBatch, messages: readonly FifoSend[]): FifoDocument[] {
    const next = new Map(tails);
    return messages.map((message) => {
      const group = groupOf(message.task);
      const seq = (next.get(group) ?? 0) + 1;
      next.set(group, seq);
      return fifoDocument(queue, message, seq, time, this.#keys);
    });
  }

  async #insert(documents: readonly FifoDocument[]): Promise<{ readonly index: number; readonly errmsg: string } | undefined> {
    try {
      await this.#connection.fifo.insertMany(documents, { ordered: true });
      return undefined;
    } catch (error) {
      const [fault] = duplicatesOf(error) ?? [];
      if (!fault) throw error;
      return fault;
    }
  }

  /** Finds out why a message was refused. Returns true if it is answered: it is there, or it repeats another one. */
  async #dealWith(errmsg: string, batch: SendBatch, message: FifoSend): Promise<boolean> {
    const { queue, tails, answers, time } = batch;
    const group = groupOf(message.task);
    if (errmsg.includes(CHAIN_INDEX)) {
      tails.set(group, Math.max(tails.get(group) ?? 0, await this.lastOf(queue, group)));
      return false;
    }
    if (errmsg.includes(ONCE_INDEX)) {
      const earlier = (await this.#sentBefore(queue, [message], time)).get(message.onceAs ?? '');
      if (earlier) answers.set(message, earlier);
      return earlier !== undefined;
    }
    const { fifo, maxTimeMS } = this.#connection;
    const same = await fifo.findOne({ _id: this.#keys.mongoId(message.task.id), queue }, { projection: { seq: 1 }, hint: BY_ID, maxTimeMS });
    noteSent(batch, message, same?.seq ?? 0);
    return true;
  }

  /** Returns the earlier messages that these repeat. One that was sent too long ago is made to forget what it has in common with them. */
  async #sentBefore(queue: string, messages: readonly FifoSend[], { earliestMs }: StoreTime): Promise<Map<string, FifoSent>> {
    const { fifo, maxTimeMS } = this.#connection;
    const onces = [...new Set(messages.flatMap(({ onceAs }) => onceAs ?? []))];
    if (onces.length === 0) return new Map();
    const options = { projection: { once: 1, seq: 1, createdAt: 1, first: 1 }, hint: ONCE_INDEX, maxTimeMS };
    const found = await fifo.find({ queue, once: { $in: onces } }, options).toArray();
    const since = earliestMs - SETTLED_MEMORY_MS;
    const old = found.filter(({ createdAt }) => createdAt.getTime() <= since);
    if (old.length > 0)
      await fifo.updateMany({ _id: { $in: old.map(({ _id }) => _id) }, queue }, { $unset: { once: true } }, { hint: BY_ID, maxTimeMS });
    const recent = found.filter(({ createdAt }) => createdAt.getTime() > since);
    return new Map(recent.map(({ _id, first, once, seq }) => [once ?? '', { id: uuidOf((first ?? _id).buffer), sequence: seq, added: false }]));
  }
}

function noteSent({ answers, tails }: SendBatch, message: FifoSend, sequence: number): void {
  const group = groupOf(message.task);
  answers.set(message, { id: message.task.id, sequence, added: true });
  tails.set(group, Math.max(tails.get(group) ?? 0, sequence));
}

/** Returns what was added to each group. */
function addedBy({ answers, time }: SendBatch, messages: readonly FifoSend[]): Added[] {
  const own = messages.filter((message) => answers.get(message)?.id === message.task.id && answers.get(message)?.sequence);
  return [...groupBy(own, ({ task }) => groupOf(task))].map(([group, sends]) => {
    const sequences = sends.map((message) => answers.get(message)?.sequence ?? 0);
    const [{ task }] = sends as [FifoSend];
    const due = new Date('delayMs' in task.due ? time.earliestMs + task.due.delayMs : task.due.at.getTime());
    return { group, first: Math.min(...sequences), last: Math.max(...sequences), due };
  });
}
