import type { mongo } from 'mongoose';
import { TRANSIT_PREFIX } from '../../constants/limits';
import { FINISHED_STATES } from '../../constants/states';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import {
  hasAwaited,
  isKnown,
  recordUpdate,
  signalled,
  signalPipeline,
  stepField,
  stepOf,
  stepsOf,
  takeable,
  takePipeline,
  waitPipeline,
} from '../../modules/mongo/stepDocuments';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import type { Signal, SignalAnswer, SignalRequest, Step, StepStore, StepWrite } from '../../modules/ports/stepStore';
import type { HeldLease, TaskKey } from '../../modules/ports/taskStore';
import type { MongoClaims } from './mongoClaims';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<TaskDocument>;

/** Durable steps in MongoDB: in the document of their task, so that one write records a step and looks at the lease. */
export class MongoStepStore implements StepStore {
  readonly #connection: MongoConnection;
  readonly #claims: Pick<MongoClaims, 'waitAgain'>;
  readonly #keys: MongoKeys;

  constructor(connection: MongoConnection, claims: Pick<MongoClaims, 'waitAgain'>, keys: MongoKeys) {
    this.#connection = connection;
    this.#claims = claims;
    this.#keys = keys;
  }

  async read(task: TaskKey): Promise<Step[]> {
    const { tasks, maxTimeMS } = this.#connection;
    const options = { projection: { steps: 1 }, hint: BY_ID, maxTimeMS };
    const document = await this.#connection.askAgain(() => tasks.findOne(this.#ofTask(task), options));
    return document ? stepsOf(document) : [];
  }

  record(writes: readonly StepWrite[]): Promise<boolean[]> {
    const updates = writes.map((write): mongo.AnyBulkWriteOperation<TaskDocument> => {
      const update = recordUpdate(write);
      return { updateOne: { filter: this.#underLease(write), update: update, hint: BY_ID } };
    });
    return this.#connection.askAgain(async () => {
      const { matchedCount } = await this.#connection.tasks.bulkWrite(updates, { ordered: false });
      if (matchedCount === writes.length) return writes.map(() => true);
      const held = await this.#tokens(writes);
      return writes.map(({ id, token }) => held.get(id) === token);
    });
  }

  take(request: SignalRequest): Promise<Step | null> {
    return this.#connection.askAgain(async () => {
      const lease = this.#underLease(request);
      const taken =
        (await this.#stepAfter(request.at, { ...lease, ...takeable(request) }, takePipeline(request))) ??
        (await this.#stepAfter(request.at, lease, waitPipeline(request)));
      return taken ?? null;
    });
  }

  signal(task: TaskKey, signal: Signal): Promise<SignalAnswer> {
    const { tasks, maxTimeMS, clock } = this.#connection;
    const filter = { ...this.#ofTask(task), ...signalled(signal) } as Filter;
    const options = { returnDocument: 'before', projection: { state: 1, attempt: 1, awaits: 1 }, hint: BY_ID, maxTimeMS } as const;
    return this.#connection.askAgain(async () => {
      const before = await tasks.findOneAndUpdate(filter, signalPipeline(signal), options);
      if (!before) return this.#refusal(task, signal);
      if (!hasAwaited(before, signal)) return 'kept';
      this.#claims.waitAgain((await clock.now()).earliestMs);
      return 'woke';
    });
  }

  /** Tells why a signal was not written now: it may have been before. */
  async #refusal(task: TaskKey, { id }: Signal): Promise<SignalAnswer> {
    const { tasks, maxTimeMS } = this.#connection;
    const options = { projection: { state: 1, 'lease.token': 1 }, hint: BY_ID, maxTimeMS };
    const found = await tasks.findOne(this.#ofTask(task), options);
    if (!found || (found.state as string) === 'removed' || found.lease?.token.startsWith(TRANSIT_PREFIX)) return 'missing';
    if (FINISHED_STATES.some((state) => state === found.state)) return 'finished';
    const known = await tasks.findOne({ ...this.#ofTask(task), $expr: isKnown(id) }, { projection: { _id: 1 }, hint: BY_ID, maxTimeMS });
    return known ? 'kept' : 'full';
  }

  /** Updates a task, and returns one of its steps as it is then. */
  async #stepAfter(at: number, filter: Filter, pipeline: object[]): Promise<Step | undefined> {
    const { tasks, maxTimeMS } = this.#connection;
    const options = { returnDocument: 'after', projection: { [stepField(at)]: 1 }, hint: BY_ID, maxTimeMS } as const;
    const step = (await tasks.findOneAndUpdate(filter, pipeline, options))?.steps?.[at];
    return step && stepOf(at, step);
  }

  /** Returns the tokens under which tasks run now. */
  async #tokens(leases: readonly HeldLease[]): Promise<ReadonlyMap<string, string>> {
    const { tasks, maxTimeMS } = this.#connection;
    const options = { projection: { 'lease.token': 1 }, hint: BY_ID, maxTimeMS };
    const found = await tasks.find(keysFilter(leases, this.#keys), options).toArray();
    return new Map(found.map(({ _id, lease }) => [_id.toString(), lease?.token ?? '']));
  }

  #ofTask({ id, queue }: TaskKey): Filter {
    return { _id: this.#keys.mongoId(id), queue: this.#keys.inside(queue) };
  }

  #underLease({ token, ...task }: HeldLease): Filter {
    return { ...this.#ofTask(task), 'lease.token': token };
  }
}
