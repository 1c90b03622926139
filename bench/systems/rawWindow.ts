import { mongo } from 'mongoose';
import { QUEUE } from './common';

/** A task as the raw driver writes it, with as many fields as a task of Holdfast. */
export interface RawDocument {
  readonly _id: mongo.BSON.UUID;
  readonly queue: string;
  readonly name: string;
  readonly payload: string;
  readonly state: string;
  readonly priority: number;
  readonly attempt: number;
  readonly failures: number;
  readonly maxRetries: number;
  readonly availableAt: Date;
  readonly createdAt: Date;
  readonly lease?: { readonly token: string };
}

export type RawTasks = mongo.Collection<RawDocument>;

export const RAW_CLAIM_KEY = { queue: 1, state: 1, priority: 1, availableAt: 1, _id: 1 } as const;

const PREFIX = { queue: QUEUE, state: 'waiting', priority: 0 } as const;

/**
 * Reads due tasks in order, one window ahead. Each window starts at the end of the last one, because keys of claimed tasks stay in the index for
 * minutes and a scan from the head would walk through them.
 */
export class RawWindow {
  readonly #tasks: RawTasks;
  readonly #limit: number;
  #after: Pick<RawDocument, 'availableAt'> & { readonly _id: unknown } = { availableAt: new Date(0), _id: new mongo.BSON.MinKey() };
  #next: Promise<RawDocument[]>;

  constructor(tasks: RawTasks, limit: number) {
    this.#tasks = tasks;
    this.#limit = limit;
    this.#next = this.#find();
  }

  /** Returns the window that was read, and starts to read the next. */
  async take(): Promise<RawDocument[]> {
    const found = await this.#next;
    const last = found.at(-1);
    // The bound includes the last task of the previous window.
    const fresh = found.filter(({ _id }) => !(this.#after._id instanceof mongo.BSON.UUID && _id.equals(this.#after._id)));
    if (last) this.#after = { availableAt: last.availableAt, _id: last._id };
    this.#next = this.#find();
    this.#next.catch(() => undefined);
    return fresh;
  }

  #find(): Promise<RawDocument[]> {
    const { availableAt, _id } = this.#after;
    const limit = this.#limit + 1;
    return this.#tasks
      .find({ ...PREFIX, availableAt: { $lte: new Date() } }, { sort: RAW_CLAIM_KEY, hint: RAW_CLAIM_KEY, limit, batchSize: limit + 1 })
      .min({ ...PREFIX, availableAt, _id })
      .max({ ...PREFIX, priority: 1, availableAt: new Date(0), _id: new mongo.BSON.MinKey() })
      .toArray();
  }
}
