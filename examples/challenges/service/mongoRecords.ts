import { createConnection, Schema } from 'mongoose';
import type { ClientSession, Connection, Model } from 'mongoose';
import type { Challenge, ChallengeFields, Change, Message, Participant } from './challenge';
import type { Condition } from './challengeFilter';
import type { ChallengeRecords, Session } from './challengeRecords';

const text = { type: String, required: true };
const number = { type: Number, required: true };
const OPERATORS = { '=': '$eq', '<': '$lt', '>': '$gt' } as const;

/** A challenge as MongoDB has it. */
type ChallengeDocument = Omit<Challenge, 'id' | 'subEndAt'> & { readonly _id: number; readonly subEndAt: Date };
type MessageDocument = Omit<Message, 'id'> & { readonly _id: string };

const challengeSchema = new Schema<ChallengeDocument>(
  { _id: number, title: text, projectSource: text, status: text, subEndAt: { type: Date, required: true }, workflowId: String },
  { versionKey: false },
).index({ status: 1, subEndAt: 1 });
const participantSchema = new Schema<Participant>(
  { challengeId: { ...number, index: true }, userId: text, userHandle: text, role: text },
  { versionKey: false },
);
const messageSchema = new Schema<MessageDocument>(
  { _id: text, discussionId: text, challengeId: number, createdBy: text, content: text, createdAt: text },
  { versionKey: false },
);
const changeSchema = new Schema<Change>({ challengeId: number, from: text, to: text, subEndAt: text, at: text }, { versionKey: false });

/** Opens the records as Mongoose models. */
export async function openMongoRecords(url: string): Promise<ChallengeRecords> {
  const records = new MongoRecords(await createConnection(url).asPromise());
  await records.ready();
  return records;
}

class MongoRecords implements ChallengeRecords {
  readonly connection: Connection;
  readonly #challenges: Model<ChallengeDocument>;
  readonly #participants: Model<Participant>;
  readonly #messages: Model<MessageDocument>;
  readonly #changes: Model<Change>;

  constructor(connection: Connection) {
    this.connection = connection;
    this.#challenges = connection.model<ChallengeDocument>('challenge', challengeSchema);
    this.#participants = connection.model<Participant>('participant', participantSchema);
    this.#messages = connection.model<MessageDocument>('message', messageSchema);
    this.#changes = connection.model<Change>('change', changeSchema);
  }

  /** Makes collections and indexes: a transaction cannot. */
  async ready(): Promise<void> {
    for (const model of [this.#challenges, this.#participants, this.#messages, this.#changes]) await model.init();
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.connection.transaction((session) => work(session) as Promise<never>);
  }

  async find(id: number): Promise<Challenge | null> {
    const found = await this.#challenges.findById(id).lean<ChallengeDocument>();
    return found && toChallenge(found);
  }

  async list(conditions: readonly Condition[], limit: number, offset: number): Promise<Challenge[]> {
    const found = this.#challenges.find(filterOf(conditions)).sort({ _id: 1 }).skip(offset).limit(limit);
    return (await found.lean<ChallengeDocument[]>()).map(toChallenge);
  }

  participants(challengeId: number): Promise<Participant[]> {
    return this.#participants.find({ challengeId }, { _id: 0 }).lean<Participant[]>().exec();
  }

  async add({ id, subEndAt, ...rest }: Challenge, participants: readonly Participant[], session: Session): Promise<void> {
    await this.#challenges.create([{ _id: id, ...rest, subEndAt: new Date(subEndAt) }], within(session));
    if (participants.length > 0) await this.#participants.insertMany(participants, within(session));
  }

  async change(id: number, conditions: readonly Condition[], fields: ChallengeFields, session: Session): Promise<Challenge | null> {
    const { title, projectSource, status, subEndAt } = fields;
    const set = { title, projectSource, status, subEndAt: new Date(subEndAt) };
    const filter = { $and: [{ _id: id }, filterOf(conditions)] };
    const before = await this.#challenges.findOneAndUpdate(filter, { $set: set }, within(session)).lean<ChallengeDocument>();
    if (!before) return null;
    const change = { challengeId: id, from: before.status, to: status, subEndAt: before.subEndAt.toISOString(), at: new Date().toISOString() };
    await this.#changes.create([change], within(session));
    return toChallenge(before);
  }

  async findMessage(id: string): Promise<Message | null> {
    const found = await this.#messages.findById(id).lean<MessageDocument>();
    return found && toMessage(found);
  }

  async addMessage({ id, ...rest }: Message, session: Session): Promise<void> {
    await this.#messages.create([{ _id: id, ...rest }], within(session));
  }

  async messages(): Promise<Message[]> {
    return (await this.#messages.find().sort({ createdAt: 1 }).lean<MessageDocument[]>()).map(toMessage);
  }

  changes(): Promise<Change[]> {
    return this.#changes.find({}, { _id: 0 }).sort({ at: 1 }).lean<Change[]>().exec();
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

const within = (session: Session): { session: ClientSession } => ({ session: session as ClientSession });

const toChallenge = ({ _id, subEndAt, workflowId, ...rest }: ChallengeDocument): Challenge => ({
  id: _id,
  ...rest,
  subEndAt: subEndAt.toISOString(),
  workflowId: workflowId ?? null,
});

const toMessage = ({ _id, ...rest }: MessageDocument): Message => ({ id: _id, ...rest });

/** Each condition stands alone, because two may name one field. Values stand under an operator, so none is read as one. */
function filterOf(conditions: readonly Condition[]) {
  const each = conditions.map(({ field, is, value }) => ({
    [field === 'id' ? '_id' : field]: { [OPERATORS[is]]: field === 'subEndAt' ? new Date(value) : value },
  }));
  return each.length === 0 ? {} : { $and: each };
}
