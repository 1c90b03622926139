import { isDuplicate } from '../../modules/mongo/mongoErrors';
import { recordOfDocument } from '../../modules/mongo/recordDocuments';
import type { RecordDocument } from '../../modules/mongo/recordDocuments';
import type { Namespace } from '../../modules/ports/namespace';
import { recordId, recordRange } from '../../modules/ports/recordIds';
import type { RecordKind, RecordRequest, RecordStore, RecordWrite, StoredRecord } from '../../modules/ports/recordStore';
import { instantAfter } from '../../modules/time/instantAfter';
import type { MongoConnection } from './mongoConnection';

/** The records in MongoDB. */
export class MongoRecordStore implements RecordStore {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  read(kind: RecordKind, key: string): Promise<StoredRecord | null> {
    return this.#connection.askAgain(async () => {
      const document = await this.#live(recordId(kind, key, this.#namespace));
      return document && recordOfDocument(document, kind, this.#namespace);
    });
  }

  write(write: RecordWrite): Promise<boolean> {
    return this.#connection.ask(() => (write.rev === 0 ? this.#add(write) : this.#replace(write, write.rev)));
  }

  list(request: RecordRequest): Promise<StoredRecord[]> {
    return this.#connection.askAgain(async () => {
      const { records, clock, maxTimeMS } = this.#connection;
      const [from, to] = recordRange(request, this.#namespace);
      const now = new Date((await clock.now()).earliestMs);
      const filter = { _id: { $gt: from, $lt: to }, expireAt: { $not: { $lte: now } } };
      const documents = await records.find(filter, { sort: { _id: 1 }, limit: request.limit, maxTimeMS }).toArray();
      return documents.map((document) => recordOfDocument(document, request.kind, this.#namespace));
    });
  }

  async remove(kind: RecordKind, key: string): Promise<void> {
    const { records, maxTimeMS } = this.#connection;
    await this.#connection.askAgain(() => records.deleteOne({ _id: recordId(kind, key, this.#namespace) }, { maxTimeMS }));
  }

  /** Inserts a record. One whose time is over may still be there. */
  async #add(write: RecordWrite): Promise<boolean> {
    const { records, clock } = this.#connection;
    const _id = recordId(write.kind, write.key, this.#namespace);
    const { earliestMs, latestMs } = await clock.now();
    const now = new Date(earliestMs);
    const expiry = write.keepMs === undefined ? {} : { expireAt: instantAfter(latestMs, write.keepMs) };
    try {
      await records.insertOne({ _id, value: write.value, rev: 1, createdAt: now, changedAt: now, ...expiry });
      return true;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const { deletedCount } = await records.deleteOne({ _id, expireAt: { $lte: now } });
    return deletedCount === 1 ? this.#add(write) : false;
  }

  async #replace({ kind, key, value, keepMs }: RecordWrite, rev: number): Promise<boolean> {
    const { records, clock, maxTimeMS } = this.#connection;
    const filter = { _id: recordId(kind, key, this.#namespace), rev };
    const { latestMs } = await clock.now();
    const expiry = keepMs === undefined ? { $unset: { expireAt: true } as const } : {};
    const times = { changedAt: new Date(latestMs), ...(keepMs === undefined ? {} : { expireAt: instantAfter(latestMs, keepMs) }) };
    const { matchedCount } = await records.updateOne(filter, { $set: { value, rev: rev + 1, ...times }, ...expiry }, { maxTimeMS });
    return matchedCount === 1;
  }

  async #live(_id: string): Promise<RecordDocument | null> {
    const { records, clock, maxTimeMS } = this.#connection;
    const document = await records.findOne({ _id }, { maxTimeMS });
    if (!document?.expireAt) return document;
    return document.expireAt.getTime() > (await clock.now()).earliestMs ? document : null;
  }
}
