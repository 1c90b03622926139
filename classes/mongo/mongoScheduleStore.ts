import type { FinishedState } from '../../constants/states';
import { isDuplicate } from '../../modules/mongo/mongoErrors';
import type { Schedule } from '../../modules/schedule/schedule';
import { documentOfSchedule, scheduleOfDocument } from '../../modules/mongo/scheduleDocuments';
import type { MongoConnection } from './mongoConnection';
import type { DueSchedules, ScheduleStore } from '../../modules/ports/scheduleStore';

/** The port of schedules in MongoDB. */
export class MongoScheduleStore implements ScheduleStore {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  now(): Promise<number> {
    return this.#connection.ask(() => this.#now());
  }

  list(): Promise<Schedule[]> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => (await schedules.find({}, { sort: { _id: 1 }, maxTimeMS }).toArray()).map(scheduleOfDocument));
  }

  find(id: string): Promise<Schedule | null> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => {
      const document = await schedules.findOne({ _id: id }, { maxTimeMS });
      return document && scheduleOfDocument(document);
    });
  }

  put(schedule: Schedule): Promise<boolean> {
    return this.#connection.ask(() => (schedule.rev === 0 ? this.#insert(schedule) : this.#replace(schedule)));
  }

  remove(id: string): Promise<boolean> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => (await schedules.deleteOne({ _id: id }, { maxTimeMS })).deletedCount === 1);
  }

  due(declared: readonly string[], limit: number): Promise<DueSchedules> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => {
      const nowMs = await this.#now();
      const firable = { $or: [{ declared: false }, { _id: { $in: [...declared] } }] };
      const order = { sort: { wakeAt: 1 }, maxTimeMS } as const;
      const due = await schedules.find({ wakeAt: { $ne: null, $lte: new Date(nowMs) }, ...firable }, { ...order, limit }).toArray();
      const next = await schedules.findOne({ wakeAt: { $gt: new Date(nowMs) }, ...firable }, order);
      return { schedules: due.map(scheduleOfDocument), nowMs, nextWakeMs: next?.wakeAt?.getTime() ?? null };
    });
  }

  noteOutcome(taskId: string, state: FinishedState): Promise<void> {
    const { schedules, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => {
      const at = new Date(await this.#now());
      await schedules.updateOne({ lastTaskId: taskId }, { $set: { outcome: { taskId, state, at } } }, { maxTimeMS });
    });
  }

  async #insert(schedule: Schedule): Promise<boolean> {
    const { schedules, maxTimeMS } = this.#connection;
    try {
      await schedules.insertOne({ _id: schedule.id, ...documentOfSchedule(schedule) }, { maxTimeMS });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async #replace(schedule: Schedule): Promise<boolean> {
    const { schedules, maxTimeMS } = this.#connection;
    const update = { $set: documentOfSchedule(schedule) };
    // Null is the seed of one that was written before seeds had a field of their own.
    const asRead = { _id: schedule.id, rev: schedule.rev, seed: { $in: [schedule.seed, null] } };
    const { matchedCount } = await schedules.updateOne(asRead, update, { maxTimeMS });
    return matchedCount === 1;
  }

  async #now(): Promise<number> {
    return (await this.#connection.clock.now()).earliestMs;
  }
}
