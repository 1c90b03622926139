import { randomUUID } from 'node:crypto';
import { SETTLED_MEMORY_MS } from '../../constants/limits';
import { CHAIN_INDEX, fifoSettings } from '../../modules/mongo/fifoDocuments';
import type { FifoDocument } from '../../modules/mongo/fifoDocuments';
import { duplicateText, isDuplicate } from '../../modules/mongo/mongoErrors';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { patchTree } from '../../modules/mongo/patchTree';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import type { Uuid } from '../../modules/mongo/uuid';
import type { FifoChange, FifoGuard, FifoSettlement } from '../../modules/ports/fifoStore';
import type { HeldLease } from '../../modules/ports/taskStore';
import { newId } from '../../modules/task/newId';
import { groupBy } from '../../modules/values/groupBy';
import { roundsOf } from '../../modules/values/roundsOf';
import type { FifoGroups } from './fifoGroups';
import type { FifoSends } from './fifoSends';
import type { MongoConnection } from './mongoConnection';

type Answers = Map<FifoSettlement, 'applied' | 'lost'>;
type Move = FifoSettlement & { readonly change: Extract<FifoChange, { kind: 'move' }> };

/** The parts of the settles. */
export interface FifoSettlesParts {
  readonly connection: MongoConnection;
  readonly keys: MongoKeys;
  readonly groups: FifoGroups;
  readonly sends: FifoSends;
}

/**
 * The changes to messages of FIFO queues on MongoDB. The messages are changed first; then the groups that were locked for them. Between the two, the lock
 * ends with the visibility of the messages.
 */
export class FifoSettles {
  readonly #parts: FifoSettlesParts;

  constructor(parts: FifoSettlesParts) {
    this.#parts = parts;
  }

  async settle(settlements: readonly FifoSettlement[]): Promise<('applied' | 'lost')[]> {
    const { connection } = this.#parts;
    const answers: Answers = new Map();
    for (const round of roundsOf(settlements)) {
      const by = randomUUID();
      for (const alike of groupBy(round, keyOf).values()) await connection.askAgain(() => this.#settleAlike(alike, by, answers));
    }
    return settlements.map((settlement) => answers.get(settlement) ?? 'lost');
  }

  /**
   * Sets the ends of leases. The group is locked until the later end first, then the message has it; then the group has the time of its messages. So no
   * lease ends after the lock.
   */
  async renew(leases: readonly HeldLease[], ms: number): Promise<boolean[]> {
    const { connection, keys, groups } = this.#parts;
    const { fifo, fifoGroups, clock, maxTimeMS } = connection;
    const answers = new Set<HeldLease>();
    const { earliestMs } = await clock.now();
    for (const round of roundsOf(leases)) {
      const found = await this.#groupsOf(round);
      const filter = this.#filterOf(round.map((lease) => ({ ...lease, guard: { token: lease.token } })));
      const held = round.filter(({ id, token }) => found.get(id)?.token === token);
      if (held.length === 0) continue;
      for (const [queue, own] of groupBy(held, (lease) => keys.inside(lease.queue))) {
        const tokens = new Map(own.map(({ id, token }) => [groups.idOf(queue, found.get(id)?.group ?? ''), token]));
        const isLocked = this.#isOf([...tokens].map(([id, token]) => ({ id, patch: token })), '$token', { $gt: ['$readyAt', '$$NOW'] }); // prettier-ignore
        const set = { readyAt: { $max: ['$readyAt', { $add: ['$$NOW', ms] }] }, rev: { $add: ['$rev', 1] } };
        await fifoGroups.updateMany({ _id: { $in: [...tokens.keys()] }, queue, ...isLocked }, [{ $set: set }], { hint: BY_ID, maxTimeMS });
      }
      const end = new Date(earliestMs + ms);
      const { matchedCount } = await fifo.updateMany(filter, [{ $set: { visibleAt: end, leaseMs: ms } }], { hint: BY_ID, maxTimeMS });
      const renewed = matchedCount === round.length ? round : await this.#heldUntil(held, end);
      for (const lease of renewed) answers.add(lease);
      await this.#refresh(held.map(({ queue, id, token }) => ({ queue, group: found.get(id)?.group ?? '', token }))); // prettier-ignore
    }
    return leases.map((lease) => answers.has(lease));
  }

  /** Applies changes of one kind whose guards are of one kind. */
  async #settleAlike(alike: readonly FifoSettlement[], by: string, answers: Answers): Promise<void> {
    const [{ change }] = alike as [FifoSettlement];
    if (change.kind === 'move') return this.#move(alike as readonly Move[], by, answers);
    const { fifo, maxTimeMS } = this.#parts.connection;
    const found = await this.#groupsOf(alike);
    const pipeline = change.kind === 'remove' ? REMOVE(by) : [{ $set: { ...WAITS, visibleAt: { $add: ['$$NOW', change.delayMs] }, settledBy: by } }];
    const { matchedCount } = await fifo.updateMany(this.#filterOf(alike), pipeline, { hint: BY_ID, maxTimeMS });
    const applied = matchedCount === alike.length ? alike : await this.#settledBy(alike, by);
    for (const settlement of applied) answers.set(settlement, 'applied');
    await this.#refresh(applied.flatMap(({ id, queue, guard }) => ('token' in guard ? [{ queue, group: found.get(id)?.group ?? '', token: guard.token }] : []))); // prettier-ignore
  }

  /** Moves messages one after the other, so that they keep their order. */
  async #move(moves: readonly Move[], by: string, answers: Answers): Promise<void> {
    const { connection, keys, groups } = this.#parts;
    const [{ change: { to: known } }] = moves as [Move]; // prettier-ignore
    const to = keys.inside(known);
    const found = await this.#groupsOf(moves);
    const names = [...new Set([...found.values()].map(({ group }) => group))];
    if (names.length > 0) {
      const time = await connection.clock.now();
      const [done, there] = await Promise.all([groups.intend(to, names, time), groups.of(to, names, time)]);
      const tails = new Map([...there].map(([name, { tail }]) => [name, tail]));
      const added = new Map<string, { first: number; last: number }>();
      for (const move of moves) {
        const message = found.get(move.id);
        const seq = message && (await this.#moveOne(move, message, { to, by, tails }));
        if (!message || seq === undefined) continue;
        answers.set(move, 'applied');
        added.set(message.group, { first: added.get(message.group)?.first ?? seq, last: seq });
      }
      await groups.publish(to, [...added].map(([group, own]) => ({ group, ...own, due: new Date(time.earliestMs) }))); // prettier-ignore
      done();
    }
    for (const move of await this.#movedBefore(moves.filter((one) => !answers.has(one)), to, by)) answers.set(move, 'applied'); // prettier-ignore
    const applied = moves.filter((move) => answers.has(move));
    await this.#refresh(applied.flatMap(({ id, queue, guard }) => ('token' in guard && found.has(id) ? [{ queue, group: found.get(id)?.group ?? '', token: guard.token }] : []))); // prettier-ignore
  }

  /** Moves one message to the end of its group in the other queue, and returns its sequence there. */
  async #moveOne(
    move: Move,
    message: FifoDocument,
    { to, by, tails }: { to: string; by: string; tails: Map<string, number> },
  ): Promise<number | undefined> {
    const { connection, sends } = this.#parts;
    const { fifo, maxTimeMS } = connection;
    const { group } = message;
    const settings = fifoSettings(move.change.settings);
    for (;;) {
      const seq = (tails.get(group) ?? 0) + 1;
      const set = {
        ...WAITS,
        queue: to,
        seq,
        visibleAt: '$$NOW',
        settledBy: by,
        once: '$$REMOVE',
        settings: settings ? { $literal: settings } : '$$REMOVE',
      };
      try {
        const { matchedCount } = await fifo.updateOne(this.#filterOf([move]), [{ $set: set }], { hint: BY_ID, maxTimeMS });
        if (matchedCount === 0) return undefined;
        tails.set(group, seq);
        await this.#leaveTrace(message);
        return seq;
      } catch (error) {
        if (!isDuplicate(error) || !duplicateText(error).includes(CHAIN_INDEX)) throw error;
        tails.set(group, Math.max(seq, await sends.lastOf(to, group)));
      }
    }
  }

  /** Leaves what tells repetitions of a moved message apart in the queue that it was sent to. */
  async #leaveTrace({ _id: first, queue, group, seq, once, createdAt }: FifoDocument): Promise<void> {
    if (once === undefined) return;
    const { connection, keys } = this.#parts;
    const expireAt = new Date(createdAt.getTime() + SETTLED_MEMORY_MS);
    const trace = { _id: keys.mongoId(newId()), queue, group, seq, state: 'removed', once, first, createdAt, expireAt };
    await connection.fifo.insertOne(trace as FifoDocument).catch((error: unknown) => {
      // Another message has the same in common by now.
      if (!isDuplicate(error)) throw error;
    });
  }

  async #movedBefore(moves: readonly Move[], to: string, by: string): Promise<Move[]> {
    if (moves.length === 0) return [];
    const { connection, keys } = this.#parts;
    const { fifo, maxTimeMS } = connection;
    const filter = { _id: { $in: moves.map(({ id }) => keys.mongoId(id)) }, queue: to, settledBy: by };
    const found = await fifo.find(filter, { projection: { _id: 1 }, hint: BY_ID, maxTimeMS }).toArray();
    const ids = new Set(found.map(({ _id }) => _id.toString()));
    return moves.filter(({ id }) => ids.has(id));
  }

  /** Returns the messages that are there, by their ids: without their payloads. */
  async #groupsOf(messages: readonly { readonly id: string; readonly queue: string }[]): Promise<Map<string, FifoDocument>> {
    const { connection, keys } = this.#parts;
    const { fifo, maxTimeMS } = connection;
    const options = { projection: { payload: 0, settings: 0 }, hint: BY_ID, maxTimeMS };
    const found = await fifo.find({ ...(keysFilter(messages, keys) as object) }, options).toArray();
    return new Map(found.map((document) => [document._id.toString(), document]));
  }

  async #settledBy(alike: readonly FifoSettlement[], by: string): Promise<FifoSettlement[]> {
    const found = await this.#groupsOf(alike);
    return alike.filter(({ id }) => found.get(id)?.settledBy === by);
  }

  async #heldUntil(leases: readonly HeldLease[], end: Date): Promise<HeldLease[]> {
    const found = await this.#groupsOf(leases);
    return leases.filter(({ id, token }) => found.get(id)?.token === token && found.get(id)?.visibleAt.getTime() === end.getTime());
  }

  /** Matches messages whose guards hold. All guards are of one kind. */
  #filterOf(messages: readonly { readonly id: string; readonly queue: string; readonly guard: FifoGuard }[]): object {
    const { keys } = this.#parts;
    const [{ guard }] = messages as [(typeof messages)[number]];
    const isOver = { $lte: ['$visibleAt', '$$NOW'] };
    const [field, isFit] =
      'token' in guard ? ['$token', { $not: isOver }] : ['$attempt', { $or: [{ $eq: [{ $type: '$token' }, 'missing'] }, isOver] }];
    const patches = messages.map((one) => ({ id: keys.mongoId(one.id), patch: 'token' in one.guard ? one.guard.token : one.guard.attempt }));
    return { ...(keysFilter(messages, keys) as object), state: 'live', ...this.#isOf(patches, field, isFit) };
  }

  #isOf(patches: readonly { readonly id: Uuid; readonly patch: unknown }[], field: string, isFit: object): object {
    const [first] = patches;
    const isOne = patches.every(({ patch }) => patch === first?.patch);
    return { $expr: { $and: [{ $eq: [field, isOne ? { $literal: first?.patch } : patchTree(patches)] }, isFit] } };
  }

  async #refresh(settled: readonly { readonly queue: string; readonly group: string; readonly token: string }[]): Promise<void> {
    const { keys, groups } = this.#parts;
    for (const [queue, own] of groupBy(settled, (one) => keys.inside(one.queue))) await groups.refresh(queue, own);
  }
}

/** The key of settlements that share a command. */
const keyOf = ({ change, guard }: FifoSettlement): string =>
  `${'token' in guard} ${change.kind === 'wait' ? change.delayMs : change.kind === 'move' ? `to ${change.to}` : 'remove'}`;

const WAITS = { token: '$$REMOVE', leaseMs: '$$REMOVE' } as const;

const REMOVE = (by: string): object[] => [
  {
    $replaceWith: {
      ...{ _id: '$_id', queue: '$queue', group: '$group', seq: '$seq', once: '$once', createdAt: '$createdAt' },
      ...{ state: 'removed', settledBy: by, expireAt: { $add: ['$$NOW', SETTLED_MEMORY_MS] } },
    },
  },
];
