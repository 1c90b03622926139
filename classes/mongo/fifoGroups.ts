import { randomUUID } from 'node:crypto';
import { EMPTY_GROUP_MS, firstOfGroups, groupIdOf, newGroup } from '../../modules/mongo/fifoDocuments';
import type { FifoGroupDocument } from '../../modules/mongo/fifoDocuments';
import { duplicatesOf, isDuplicate } from '../../modules/mongo/mongoErrors';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { patchTree } from '../../modules/mongo/patchTree';
import { BY_ID } from '../../modules/mongo/taskFilters';
import { recordId, recordRange } from '../../modules/ports/recordIds';
import type { StoreTime } from '../../modules/task/dueAt';
import type { Uuid } from '../../modules/mongo/uuid';
import { MESSAGES_A_CALL } from '../../constants/brokerLimits';
import type { MongoConnection } from './mongoConnection';

/** What a send has added to a group. */
export interface Added {
  readonly group: string;
  readonly first: number;
  readonly last: number;
  readonly due: Date;
}

/** A group whose time is to be set, and the token under which it has to be locked still; without one it must not be locked. */
export interface Settled {
  readonly group: string;
  readonly token: string | undefined;
}

/** What a look at a group brings: its first message, and the last end of a lease in it. */
interface Looked extends FifoGroupDocument {
  readonly heads: readonly { readonly seq: number; readonly visibleAt: Date; readonly held: Date | null }[];
}

/** Times that groups are looked at again where others have written to them meanwhile. */
const TRIES = 6;

/** Intents of processes that are looked at at once. */
const INTENTS = 100;

/**
 * The groups of FIFO queues.
 *
 * A message is written first, and its group after it: a message of a group without a time is found by nobody. So a sender notes its intent before, and
 * whoever lives repairs the groups of an intent that stays.
 */
export class FifoGroups {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;

  constructor(connection: MongoConnection, keys: MongoKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  idOf(queue: string, group: string): Uuid {
    return groupIdOf(queue, group, this.#keys);
  }

  /** Notes that messages of these groups are about to be written. Returns what ends it. */
  async intend(queue: string, names: readonly string[], { earliestMs }: StoreTime): Promise<() => void> {
    const { records, maxTimeMS } = this.#connection;
    const _id = recordId('fifo', randomUUID(), this.#keys);
    const now = new Date(earliestMs);
    await records.insertOne({ _id, value: JSON.stringify({ queue, names }), rev: 1, createdAt: now, changedAt: now }, { maxTimeMS });
    // An intent that stays is repaired in vain.
    return () => void records.deleteOne({ _id }, { maxTimeMS }).catch(() => undefined);
  }

  /** Returns the groups, and makes those that are not there. */
  async of(queue: string, names: readonly string[], time: StoreTime): Promise<Map<string, FifoGroupDocument>> {
    const { fifoGroups } = this.#connection;
    const found = await this.#find(queue, names);
    const made = names.filter((name) => !found.has(name)).map((name) => newGroup(queue, name, time, this.#keys));
    if (made.length === 0) return found;
    try {
      await fifoGroups.insertMany(made, { ordered: false });
    } catch (error) {
      if (!duplicatesOf(error)) throw error;
      return this.#find(queue, names);
    }
    for (const document of made) found.set(document.group, document);
    return found;
  }

  /** Lets groups have what was added to them. */
  async publish(queue: string, added: readonly Added[]): Promise<void> {
    const { fifoGroups, maxTimeMS } = this.#connection;
    const patches = added.map((one) => ({ id: this.idOf(queue, one.group), patch: one }));
    const set = {
      tail: { $max: ['$tail', '$patch.last'] },
      from: { $min: ['$from', '$patch.first'] },
      readyAt: { $ifNull: ['$readyAt', '$patch.due'] },
      expireAt: '$$REMOVE',
    };
    const pipeline = [{ $set: { patch: patchTree(patches) } }, { $set: set }, { $unset: 'patch' }];
    const filter = { _id: { $in: patches.map(({ id }) => id) }, queue };
    const { matchedCount } = await fifoGroups.updateMany(filter, pipeline, { hint: BY_ID, maxTimeMS });
    if (matchedCount < added.length) await this.#publishMissing(queue, added);
  }

  /** Sets the times of groups after some of their messages were changed. */
  async refresh(queue: string, settled: readonly Settled[]): Promise<void> {
    const tokens = new Map(settled.map(({ group, token }) => [group, token]));
    for (let tries = 0; tries < TRIES && tokens.size > 0; tries += 1) {
      const found = await this.#look(queue, [...tokens.keys()]);
      const own = found.filter(({ group, token }) => token === tokens.get(group));
      if (own.length === 0 || (await this.#write(queue, own)) === own.length) return;
    }
  }

  /** Corrects groups that could be claimed and had nothing: they were emptied, or their first message is delayed. */
  async correct(queue: string, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const { earliestMs } = await this.#connection.clock.now();
    const found = await this.#look(queue, names);
    const over = found.filter(({ readyAt }) => readyAt !== undefined && readyAt.getTime() <= earliestMs);
    if (over.length > 0) await this.#write(queue, over);
  }

  /** Lets groups go on whose sender was killed between its two writes. */
  async repair(olderThanMs: number): Promise<void> {
    const { records, fifoGroups, clock, maxTimeMS } = this.#connection;
    const [from, to] = recordRange({ kind: 'fifo', prefix: '', limit: INTENTS }, this.#keys);
    const before = new Date((await clock.now()).earliestMs - olderThanMs);
    const left = await records.find({ _id: { $gt: from, $lt: to }, createdAt: { $lt: before } }, { limit: INTENTS, maxTimeMS }).toArray();
    for (const { _id, value } of left) {
      const { queue, names } = JSON.parse(value) as { queue: string; names: string[] };
      const found = await this.#look(queue, names);
      const known = new Set(found.map(({ group }) => group));
      const stuck = found.filter(({ readyAt, heads }) => readyAt === undefined && heads.length > 0);
      if (stuck.length > 0) await fifoGroups.updateMany({ _id: { $in: stuck.map((one) => one._id) }, queue, readyAt: { $exists: false } }, [{ $set: { readyAt: '$$NOW', expireAt: '$$REMOVE' } }], { hint: BY_ID, maxTimeMS }); // prettier-ignore
      await this.#publishOrphans(queue, names.filter((name) => !known.has(name))); // prettier-ignore
      await records.deleteOne({ _id }, { maxTimeMS });
    }
  }

  async #find(queue: string, names: readonly string[]): Promise<Map<string, FifoGroupDocument>> {
    const { fifoGroups, maxTimeMS } = this.#connection;
    const filter = { _id: { $in: names.map((name) => this.idOf(queue, name)) }, queue };
    const found = await fifoGroups.find(filter, { hint: BY_ID, maxTimeMS }).toArray();
    return new Map(found.map((document) => [document.group, document]));
  }

  /** Makes groups that were deleted meanwhile: they had no message for long, or their queue was purged. */
  async #publishMissing(queue: string, added: readonly Added[]): Promise<void> {
    const { fifoGroups } = this.#connection;
    const found = await this.#find(queue, added.map(({ group }) => group)); // prettier-ignore
    for (const one of added.filter(({ group }) => !found.has(group))) {
      const { group, first, last, due } = one;
      try {
        await fifoGroups.insertOne({ _id: this.idOf(queue, group), queue, group, tail: last, from: first, rev: 0, readyAt: due });
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        await this.publish(queue, [one]);
      }
    }
  }

  async #publishOrphans(queue: string, names: readonly string[]): Promise<void> {
    const { fifo, maxTimeMS } = this.#connection;
    for (const group of names) {
      const options = { projection: { seq: 1, visibleAt: 1 }, sort: { seq: 1 }, limit: 1, maxTimeMS } as const;
      const [head] = await fifo.find({ queue, group, state: 'live' }, options).toArray();
      if (head) await this.#publishMissing(queue, [{ group, first: head.seq, last: head.seq, due: head.visibleAt }]);
    }
  }

  /** Looks at groups: those in flight are among the first messages, as one receive took them. */
  #look(queue: string, names: readonly string[]): Promise<Looked[]> {
    const { fifoGroups, fifo, maxTimeMS } = this.#connection;
    const held = { $cond: [{ $and: [{ $ne: [{ $type: '$token' }, 'missing'] }, { $gt: ['$visibleAt', '$$NOW'] }] }, '$visibleAt', null] };
    const first = { _id: null, seq: { $first: '$seq' }, visibleAt: { $first: '$visibleAt' }, held: { $max: held } };
    const then = [{ $project: { seq: 1, visibleAt: 1, token: 1 } }, { $group: first }];
    const headsOf = firstOfGroups(fifo.collectionName, { queue, limit: MESSAGES_A_CALL + 1, then, as: 'heads' });
    const match = { _id: { $in: names.map((name) => this.idOf(queue, name)) }, queue };
    return fifoGroups.aggregate<Looked>([{ $match: match }, headsOf], { hint: BY_ID, maxTimeMS }).toArray();
  }

  /** Writes what a look has found to the groups that nobody has written to since. A message that was sent meanwhile is seen by the tail. */
  async #write(queue: string, looked: readonly Looked[]): Promise<number> {
    const { fifoGroups, maxTimeMS } = this.#connection;
    const patches = looked.map(({ _id: id, rev, tail, heads: [head] }) => ({
      id,
      patch: head
        ? { rev, from: head.seq, isHeld: head.held !== null, at: new Date(Math.max(head.visibleAt.getTime(), head.held?.getTime() ?? 0)) }
        : { rev, from: tail + 1, isHeld: false, emptyAt: tail },
    }));
    const isEmpty = { $eq: ['$patch.emptyAt', '$tail'] };
    const set = {
      from: '$patch.from',
      rev: { $add: ['$rev', 1] },
      readyAt: { $cond: [isEmpty, '$$REMOVE', { $max: ['$$NOW', '$patch.at'] }] },
      expireAt: { $cond: [isEmpty, { $add: ['$$NOW', EMPTY_GROUP_MS] }, '$$REMOVE'] },
      token: { $cond: ['$patch.isHeld', '$token', '$$REMOVE'] },
    };
    const tree = patchTree(patches);
    const pipeline = [{ $set: { patch: tree } }, { $set: set }, { $unset: 'patch' }];
    const revs = patchTree(patches.map(({ id, patch }) => ({ id, patch: patch.rev })));
    const filter = { _id: { $in: patches.map(({ id }) => id) }, queue, $expr: { $eq: ['$rev', revs] } };
    return (await fifoGroups.updateMany(filter, pipeline, { hint: BY_ID, maxTimeMS })).matchedCount;
  }
}
