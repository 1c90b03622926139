import { randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';
import { COMMAND_BYTES } from '../../constants/limits';
import type { FinishedState } from '../../constants/states';
import { duplicatesOf } from '../../modules/mongo/mongoErrors';
import { DUE_INDEX, documentOfSchedule, scheduleOfDocument } from '../../modules/mongo/scheduleDocuments';
import type { ScheduleDocument } from '../../modules/mongo/scheduleDocuments';
import type { Namespace } from '../../modules/ports/namespace';
import type { DueRequest, DueSchedules, ScheduleStore } from '../../modules/ports/scheduleStore';
import { NEVER_ATTENDED } from '../../modules/schedule/attendance';
import type { Attendance, Note } from '../../modules/schedule/attendance';
import type { Schedule } from '../../modules/schedule/schedule';
import type { Random } from '../../modules/time/clock';
import { groupBy } from '../../modules/values/groupBy';
import { shuffled } from '../../modules/values/shuffled';
import { Batch } from '../async/batch';
import { MongoAttendance } from './mongoAttendance';
import type { MongoConnection } from './mongoConnection';

/** Maximum number of writes in a command. */
const MOST_PUTS = 200;

/** Due schedules that a claim looks at, in its limits. Of several processes each then claims others. */
const WINDOW = 4;

/** The end of the task of an occurrence. */
interface Outcome {
  readonly taskId: string;
  readonly state: FinishedState;
}

/** The port of schedules in MongoDB. */
export class MongoScheduleStore implements ScheduleStore {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;
  readonly #random: Random;
  readonly #attendance: MongoAttendance;
  /** Writes of one turn share a command: ten thousand schedules may be due at one instant. */
  readonly #inserts: Batch<Schedule, boolean>;
  readonly #puts: Batch<Schedule, boolean>;
  readonly #outcomes: Batch<Outcome, undefined>;

  constructor(connection: MongoConnection, namespace: Namespace, random: Random) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#random = random;
    this.#attendance = new MongoAttendance(connection, namespace);
    const bound = { most: COMMAND_BYTES, weigh: ({ plan }: Schedule) => plan.payload.length };
    const inBatches = (write: (schedules: Schedule[]) => Promise<boolean[]>): Batch<Schedule, boolean> =>
      new Batch((schedules) => connection.askAgain(() => write(schedules)), setImmediate, MOST_PUTS, 2, bound);
    this.#inserts = inBatches((schedules) => this.#insertAll(schedules));
    this.#puts = inBatches((schedules) => this.#replaceAll(schedules));
    this.#outcomes = new Batch((outcomes) => this.#noteOutcomes(outcomes), setImmediate, MOST_PUTS);
  }

  now(): Promise<number> {
    return this.#connection.askAgain(() => this.#now());
  }

  list(limit: number, after = ''): Promise<Schedule[]> {
    const filter = { _id: { $gt: this.#namespace.inside(after) } };
    return this.#connection.askAgain(() => this.#findOwn(filter, { sort: { _id: 1 }, limit, batchSize: limit + 1 }));
  }

  find(id: string): Promise<Schedule | null> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.askAgain(async () => {
      const document = await schedules.findOne({ _id: this.#namespace.inside(id) }, { maxTimeMS });
      return document && scheduleOfDocument(document, this.#namespace);
    });
  }

  put(schedule: Schedule): Promise<boolean> {
    return (schedule.rev === 0 ? this.#inserts : this.#puts).push(schedule);
  }

  remove(id: string): Promise<boolean> {
    const { schedules, maxTimeMS } = this.#connection;
    // Sent again, it would tell that there was none.
    return this.#connection.ask(async () => (await schedules.deleteOne({ _id: this.#namespace.inside(id) }, { maxTimeMS })).deletedCount === 1);
  }

  claimDue(request: DueRequest): Promise<DueSchedules> {
    return this.#connection.ask(async () => {
      const nowMs = await this.#now();
      const due = await this.#due(request, nowMs);
      const schedules = due.length > 0 ? await this.#claim(due.slice(0, request.limit), request.holdMs, nowMs) : [];
      const nextWakeMs = await this.#nextWakeMs(request.declared, nowMs);
      return { schedules, nowMs, nextWakeMs, isMoreDue: schedules.length < due.length };
    });
  }

  attend(of: readonly string[], note: Omit<Note, 'nowMs'>): Promise<Attendance[]> {
    return this.#attendance.note(of, note);
  }

  async attendance(of: string): Promise<Attendance> {
    const [attendance = NEVER_ATTENDED] = await this.#attendance.read([of]);
    return attendance;
  }

  noteOutcome(taskId: string, state: FinishedState): Promise<void> {
    return this.#outcomes.push({ taskId, state });
  }

  /** Returns the ids of due schedules, those due for long first, but in random order if there are more than one process claims. */
  async #due({ declared, limit }: DueRequest, nowMs: number): Promise<string[]> {
    const { schedules, maxTimeMS } = this.#connection;
    const wakeAt = { $lte: new Date(nowMs) };
    const options = { projection: { _id: 1 }, sort: { wakeAt: 1 }, limit: WINDOW * limit, maxTimeMS } as const;
    const found = await Promise.all([
      declared.length > 0 ? schedules.find({ ...this.#declared(declared), wakeAt }, options).toArray() : [],
      schedules.find({ ...this.#undeclared, wakeAt }, { ...options, hint: DUE_INDEX }).toArray(),
    ]);
    const ids = found.flat().flatMap(({ _id }) => (this.#namespace.owns(_id) ? _id : []));
    return ids.length > limit ? shuffled(ids, this.#random) : ids;
  }

  /** Claims schedules by one write, and reads those that no other process has claimed before. */
  async #claim(ids: readonly string[], holdMs: number, nowMs: number): Promise<Schedule[]> {
    const { schedules, maxTimeMS } = this.#connection;
    const claim = randomUUID();
    const update = { $set: { claim, wakeAt: new Date(nowMs + holdMs) }, $inc: { rev: 1 } };
    const { modifiedCount } = await schedules.updateMany({ _id: { $in: ids }, wakeAt: { $lte: new Date(nowMs) } }, update, { maxTimeMS });
    return modifiedCount === 0 ? [] : this.#findOwn({ _id: { $in: ids }, claim }, {});
  }

  async #nextWakeMs(declared: readonly string[], nowMs: number): Promise<number | null> {
    const { schedules, maxTimeMS } = this.#connection;
    const wakeAt = { $gt: new Date(nowMs) };
    const options = { projection: { _id: 0, wakeAt: 1 }, sort: { wakeAt: 1 }, limit: 1, maxTimeMS } as const;
    const found = await Promise.all([
      declared.length > 0 ? schedules.find({ ...this.#declared(declared), wakeAt }, options).toArray() : [],
      schedules.find({ ...this.#undeclared, wakeAt }, { ...options, hint: DUE_INDEX }).toArray(),
    ]);
    const wakes = found.flat().flatMap((each) => each.wakeAt?.getTime() ?? []);
    return wakes.length > 0 ? Math.min(...wakes) : null;
  }

  get #undeclared(): mongo.Filter<ScheduleDocument> {
    return { namespace: this.#namespace.name, declared: false };
  }

  #declared(ids: readonly string[]): mongo.Filter<ScheduleDocument> {
    return { _id: { $in: ids.map(this.#namespace.inside) }, declared: true };
  }

  async #noteOutcomes(outcomes: readonly Outcome[]): Promise<undefined[]> {
    const { schedules, maxTimeMS } = this.#connection;
    const at = new Date(await this.#connection.ask(() => this.#now()));
    for (const [state, ended] of groupBy(outcomes, (outcome) => outcome.state)) {
      const filter = { lastTaskId: { $in: ended.map(({ taskId }) => taskId) } };
      const outcome = { taskId: '$lastTaskId', state: { $literal: state }, at: { $literal: at } };
      await this.#connection.ask(() => schedules.updateMany(filter, [{ $set: { outcome } }], { maxTimeMS }));
    }
    return [];
  }

  async #findOwn(filter: mongo.Filter<ScheduleDocument>, options: mongo.FindOptions): Promise<Schedule[]> {
    const { schedules, maxTimeMS } = this.#connection;
    const { name, owns } = this.#namespace;
    const own = { namespace: name, ...filter } as mongo.Filter<ScheduleDocument>;
    const found = await schedules.find(own, { ...options, maxTimeMS }).toArray();
    return found.filter(({ _id }) => owns(_id)).map((document) => scheduleOfDocument(document, this.#namespace));
  }

  /** Writes new schedules by one command. Those whose id is there already are left out. */
  async #insertAll(added: readonly Schedule[]): Promise<boolean[]> {
    const { schedules, maxTimeMS } = this.#connection;
    const documents = added.map((schedule) => ({ _id: this.#namespace.inside(schedule.id), ...documentOfSchedule(schedule, this.#namespace) }));
    try {
      await schedules.insertMany(documents, { ordered: false, maxTimeMS });
      return added.map(() => true);
    } catch (error) {
      const duplicates = duplicatesOf(error);
      if (!duplicates) throw error;
      const left = new Set(duplicates.map(({ index }) => index));
      return added.map((_, index) => !left.has(index));
    }
  }

  /** Writes schedules by one command. If not all were as they had been read, asks which were written. */
  async #replaceAll(replaced: readonly Schedule[]): Promise<boolean[]> {
    const { schedules, maxTimeMS } = this.#connection;
    const puts = replaced.map((schedule) => ({ _id: this.#namespace.inside(schedule.id), put: randomUUID(), schedule }));
    const updates = puts.map(({ _id, put, schedule }) => ({
      updateOne: {
        filter: { _id, rev: schedule.rev, seed: schedule.seed },
        update: { $set: { ...documentOfSchedule(schedule, this.#namespace), put } },
      },
    }));
    const { matchedCount } = await schedules.bulkWrite(updates, { ordered: false, maxTimeMS });
    if (matchedCount === puts.length) return puts.map(() => true);
    const own = { _id: { $in: puts.map(({ _id }) => _id) }, put: { $in: puts.map(({ put }) => put) } };
    const found = await schedules.find(own, { projection: { put: 1 }, maxTimeMS }).toArray();
    const written = new Set(found.map(({ put }) => put));
    return puts.map(({ put }) => written.has(put));
  }

  async #now(): Promise<number> {
    return (await this.#connection.clock.now()).earliestMs;
  }
}
