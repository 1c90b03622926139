import type { Namespace } from '../../modules/ports/namespace';
import { isDuplicate } from '../../modules/mongo/mongoErrors';
import { attendanceOfDocument, notingLook } from '../../modules/mongo/scheduleDocuments';
import { noteLook } from '../../modules/schedule/attendance';
import type { Attendance, Note } from '../../modules/schedule/attendance';
import type { MongoConnection } from './mongoConnection';

/** The notes of processes that look for due schedules. */
export class MongoAttendance {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  /** Returns what is known of each. */
  read(of: readonly string[]): Promise<Attendance[]> {
    const { attendance, maxTimeMS } = this.#connection;
    const names = of.map(this.#namespace.inside);
    return this.#connection.ask(async () => {
      const found = await attendance.find({ _id: { $in: names } }, { maxTimeMS }).toArray();
      const known = new Map(found.map((document) => [document._id, document]));
      return names.map((name) => attendanceOfDocument(known.get(name)));
    });
  }

  /** Notes a look. While the notes of other processes are young, it only reads. */
  async note(of: readonly string[], note: Omit<Note, 'nowMs'>): Promise<Attendance[]> {
    const known = await this.read(of);
    const { earliestMs: nowMs } = await this.#connection.ask(() => this.#connection.clock.now());
    const old = of.filter((_, index) => known[index] && noteLook(known[index], { ...note, nowMs }) !== known[index]);
    if (old.length === 0) return known;
    await this.#connection.ask(() => this.#write(old, note).catch(unlessThere));
    return this.read(of);
  }

  async #write(of: readonly string[], note: Omit<Note, 'nowMs'>): Promise<unknown> {
    const { attendance, maxTimeMS } = this.#connection;
    const update = notingLook(note);
    const updates = of.map((name) => ({ updateOne: { filter: { _id: this.#namespace.inside(name) }, update, upsert: true } }));
    return attendance.bulkWrite(updates, { ordered: false, maxTimeMS });
  }
}

/** Of two processes that make a document at the same time, one is refused. The other has noted the look. */
function unlessThere(error: unknown): void {
  if (!isDuplicate(error)) throw error;
}
