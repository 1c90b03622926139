import type { mongo } from 'mongoose';
import type { FinishedState } from '../../constants/states';
import { isDuplicate } from '../../modules/mongo/mongoErrors';
import type { Schedule } from '../../modules/schedule/schedule';
import { documentOfSchedule, scheduleOfDocument } from '../../modules/mongo/scheduleDocuments';
import type { ScheduleDocument } from '../../modules/mongo/scheduleDocuments';
import type { Namespace } from '../../modules/ports/namespace';
import type { MongoConnection } from './mongoConnection';
import type { DueSchedules, ScheduleStore } from '../../modules/ports/scheduleStore';

/** The port of schedules in MongoDB. */
export class MongoScheduleStore implements ScheduleStore {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  now(): Promise<number> {
    return this.#connection.ask(() => this.#now());
  }

  list(): Promise<Schedule[]> {
    return this.#connection.ask(() => this.#findOwn({}, { sort: { _id: 1 } }));
  }

  find(id: string): Promise<Schedule | null> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => {
      const document = await schedules.findOne({ _id: this.#namespace.inside(id) }, { maxTimeMS });
      return document && scheduleOfDocument(document, this.#namespace);
    });
  }

  put(schedule: Schedule): Promise<boolean> {
    return this.#connection.ask(() => (schedule.rev === 0 ? this.#insert(schedule) : this.#replace(schedule)));
  }

  remove(id: string): Promise<boolean> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => (await schedules.deleteOne({ _id: this.#namespace.inside(id) }, { maxTimeMS })).deletedCount === 1);
  }

  due(declared: readonly string[], limit: number): Promise<DueSchedules> {
    return this.#connection.ask(async () => {
      const nowMs = await this.#now();
      const firable = { $or: [{ declared: false }, { _id: { $in: declared.map(this.#namespace.inside) } }] };
      const sort = { wakeAt: 1 } as const;
      const schedules = await this.#findOwn({ wakeAt: { $ne: null, $lte: new Date(nowMs) }, ...firable }, { sort, limit });
      const [next] = await this.#findOwn({ wakeAt: { $gt: new Date(nowMs) }, ...firable }, { sort, limit: 1 });
      return { schedules, nowMs, nextWakeMs: next?.wakeMs ?? null };
    });
  }

  noteOutcome(taskId: string, state: FinishedState): Promise<void> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => {
      const at = new Date(await this.#now());
      await schedules.updateOne({ lastTaskId: taskId }, { $set: { outcome: { taskId, state, at } } }, { maxTimeMS });
    });
  }

  async #findOwn(filter: mongo.Filter<ScheduleDocument>, options: mongo.FindOptions): Promise<Schedule[]> {
    const { schedules, maxTimeMS } = this.#connection;
    const { name, owns } = this.#namespace;
    const own = { namespace: name, ...filter } as mongo.Filter<ScheduleDocument>;
    const found = await schedules.find(own, { ...options, maxTimeMS }).toArray();
    return found.filter(({ _id }) => owns(_id)).map((document) => scheduleOfDocument(document, this.#namespace));
  }

  async #insert(schedule: Schedule): Promise<boolean> {
    const { schedules, maxTimeMS } = this.#connection;
    try {
      await schedules.insertOne({ _id: this.#namespace.inside(schedule.id), ...documentOfSchedule(schedule, this.#namespace) }, { maxTimeMS });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async #replace(schedule: Schedule): Promise<boolean> {
    const { schedules, maxTimeMS } = this.#connection;
    const update = { $set: documentOfSchedule(schedule, this.#namespace) };
    // Null is the seed of one that was written before seeds had a field of their own.
    const asRead = { _id: this.#namespace.inside(schedule.id), rev: schedule.rev, seed: { $in: [schedule.seed, null] } };
    const { matchedCount } = await schedules.updateOne(asRead, update, { maxTimeMS });
    return matchedCount === 1;
  }

  async #now(): Promise<number> {
    return (await this.#connection.clock.now()).earliestMs;
  }
}
