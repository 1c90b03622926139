import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import { HEAD_FIELDS, LEASE_FENCE_ID, LEASE_FENCE_QUEUE, LEASE_INDEX, TASK_ID } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { restAfterLook } from '../../modules/mongo/restAfterLook';
import type { FoundAtOnce } from '../../modules/mongo/findAtOnce';
import type { MongoConnection } from './mongoConnection';

/** Distance behind the last look at which the next one begins: a short lease may be over before its claim is seen. */
const SLACK_MS = 2 * SECOND;

/**
 * A look that takes this much longer than a round trip is dear: many claims have left dead keys in the lease index. For the time below, a process
 * then looks only in its turn.
 */
const DEAR_MS = 5;
const TURNS_MS = 10 * SECOND;

/** Time for which a turn keeps others from looking. It is no longer than the shortest time between two sweeps of a process. */
const TURN_MS = 400;

/** Finds expired leases without walking each time over the index keys that the leases of the last five minutes have left dead. */
export class ExpiredLeases {
  readonly #connection: Pick<MongoConnection, 'tasks' | 'mongoId' | 'findAtOnce' | 'clock' | 'maxTimeMS'>;
  readonly #clock: Clock;
  /** Time of the store at the last look that found none. */
  #noneAtMs = -Infinity;
  /** Time of the next look at all leases, which finds those that a change of primary or of the clock left behind. */
  #wholeDueAt = -Infinity;
  #turnsUntil = -Infinity;

  constructor(connection: Pick<MongoConnection, 'tasks' | 'mongoId' | 'findAtOnce' | 'clock' | 'maxTimeMS'>, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /**
   * Tells whether this process looks now: always while a look is cheap, else where no other process has just taken the turn.
   *
   * Taking it moves a live key to where no lease is over yet. A scan of the index ends there, instead of going over all that was claimed since.
   */
  async takeTurn(): Promise<boolean> {
    if (this.#clock.monotonic() >= this.#turnsUntil) return true;
    const { tasks, mongoId, maxTimeMS } = this.#connection;
    const ends = '$lease.expiresAt';
    // A key that lies far ahead was just made, or the clock of the server was set back.
    const isOver = { $or: [{ $lte: [ends, '$$NOW'] }, { $gt: [ends, { $add: ['$$NOW', 2 * TURN_MS] }] }] };
    const moved = { $set: { 'lease.expiresAt': { $add: ['$$NOW', TURN_MS] } } };
    const { matchedCount } = await tasks.updateOne({ _id: mongoId(LEASE_FENCE_ID), queue: LEASE_FENCE_QUEUE, $expr: isOver }, [moved], {
      maxTimeMS,
      writeConcern: { w: 1 },
    });
    return matchedCount === 1;
  }

  /**
   * Returns the heads of up to `limit` running tasks whose lease is over by the server's clock, the oldest first; fewer where one answer does not take
   * more.
   *
   * @param skip the number of older ones to pass over.
   */
  async find(limit: number, skip = 0): Promise<TaskDocument[]> {
    const { earliestMs, latestMs } = await this.#connection.clock.now();
    const beganAt = this.#clock.monotonic();
    const isWhole = beganAt >= this.#wholeDueAt;
    const { documents, isCut } = await this.#ask(isWhole ? -Infinity : this.#noneAtMs - SLACK_MS, latestMs, limit, skip);
    if (documents.length === 0 && skip === 0) this.#noneAtMs = earliestMs;
    const tookMs = this.#clock.monotonic() - beganAt;
    if (!isWhole && tookMs - (latestMs - earliestMs) >= DEAR_MS) this.#turnsUntil = beganAt + TURNS_MS;
    // There may be more: the next look begins there as well.
    if (isWhole && documents.length < limit && !isCut) this.#wholeDueAt = beganAt + restAfterLook(tookMs);
    return documents;
  }

  #ask(fromMs: number, latestMs: number, limit: number, skip: number): Promise<FoundAtOnce> {
    const from = fromMs > -Infinity ? { $gte: new Date(fromMs) } : {};
    const over = { 'lease.expiresAt': { ...from, $lte: new Date(latestMs) }, $expr: { $lte: ['$lease.expiresAt', '$$NOW'] } };
    return this.#connection.findAtOnce(
      { state: 'running', _id: { ...TASK_ID, $ne: this.#connection.mongoId(LEASE_FENCE_ID) }, ...over },
      { projection: HEAD_FIELDS, hint: LEASE_INDEX, sort: { 'lease.expiresAt': 1 }, limit, skip, maxTimeMS: this.#connection.maxTimeMS },
    );
  }
}
