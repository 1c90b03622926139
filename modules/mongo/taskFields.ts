import { Schema } from 'mongoose';
import type { Signal, StepKind } from '../ports/stepStore';
import type { Change } from '../task/change';
import type { Due, Task } from '../task/task';
import type { Uuid } from './uuid';

/** The fields that a document has by the names of the task's own. */
type StoredField = Exclude<keyof Task, 'place' | 'id' | 'followUps'>;

/** The fields that a document lacks where the task has nothing in them. */
type OptionalField = 'settings' | { [F in StoredField]: null extends Task[F] ? F : never }[StoredField];

/** The fields that a change may name, beside its state, its times and the signals that it waits for. */
export type ChangedField = Exclude<keyof Change, 'state' | 'delayMs' | 'signals' | 'keepMs' | 'followUps'>;

/** A step as a task's document has it, under its number. A task without steps has none of these fields. */
export interface StepDocument {
  readonly name: string;
  readonly kind: StepKind;
  readonly value?: string;
  readonly until?: Date;
  /** The id of the signal that a wait took. */
  readonly signal?: string;
}

/** What a task's document holds beside the task: its steps and signals. */
export interface StepFields {
  steps?: Record<string, StepDocument>;
  signals?: Signal[];
  awaits?: { attempt: number; signals: string[] };
}

/** The names of these fields. */
export const STEP_FIELDS = ['steps', 'signals', 'awaits'] as const satisfies readonly (keyof StepFields)[];

/** A task as MongoDB has it. Payload and result are JSON text, so that no key of a user's is ever an operator or a path. */
export type TaskDocument = {
  _id: Uuid;
  /** The writer of the last outcome, by which a settlement that is sent again is known. */
  settledBy?: string;
  /** Names the queue to change streams when the task waits again. */
  again?: string;
  /** When the time-to-live index deletes it. */
  expireAt?: Date;
  /** The follow-ups that it keeps, as JSON text. */
  followUps?: string;
  /** Its follow-ups are inserted, and may be held. */
  handsOver?: boolean;
  /** When a follow-up is due that nobody may claim yet, and the task that it follows, by its queue in the database. */
  held?: Due & { readonly keeper: { readonly id: Uuid; readonly queue: string } };
} & StepFields & { -readonly [F in Exclude<StoredField, OptionalField>]: Task[F] } & { -readonly [F in OptionalField]?: NonNullable<Task[F]> };

/** The table has to say which fields a change may name. */
type Marks<F> = F extends ChangedField ? { readonly changed: true } : { readonly changed?: never };

const { Mixed } = Schema.Types;

/** The fields of a task. A new one is a row here and its line in `taskOfDocument`; one that new tasks bring, a line in `documentOf` as well. */
export const TASK_FIELDS = {
  queue: { type: String },
  name: { type: String },
  payload: { type: String },
  state: { type: String },
  priority: { type: Number },
  attempt: { type: Number },
  failures: { type: Number, changed: true },
  maxRetries: { type: Number },
  suspect: { type: Boolean, changed: true },
  rev: { type: Number },
  availableAt: { type: Date },
  createdAt: { type: Date },
  finishedAt: { type: Date },
  settings: { type: Mixed },
  uniqueKey: { type: String },
  lease: { type: Mixed },
  result: { type: String, changed: true },
  error: { type: Mixed, changed: true },
  progress: { type: String },
  history: { type: String, changed: true },
} as const satisfies { readonly [F in StoredField]: { readonly type: unknown } & Marks<F> };

const NAMES = Object.keys(TASK_FIELDS) as StoredField[];

/** The fields that a change may name. */
export const CHANGED_FIELDS = NAMES.filter((name) => 'changed' in TASK_FIELDS[name]) as ChangedField[];

/** The schema of documents, for reads by Mongoose. */
export const taskDefinition = {
  // Mongoose compares its own kind of UUID by equality only.
  _id: Mixed,
  ...Object.fromEntries(NAMES.map((name) => [name, TASK_FIELDS[name].type])),
  settledBy: String,
  again: String,
  expireAt: Date,
  followUps: String,
  handsOver: Boolean,
  held: Mixed,
  ...Object.fromEntries(STEP_FIELDS.map((field) => [field, Mixed])),
};

/** The fields of a task that has something in them, for a document. */
export const storedFields = (task: Task): Omit<TaskDocument, '_id'> =>
  Object.fromEntries(NAMES.flatMap((name) => (isNothing(task[name]) ? [] : [[name, task[name]]]))) as Omit<TaskDocument, '_id'>;

const isNothing = (value: Task[StoredField]): boolean =>
  value === null || (typeof value === 'object' && !(value instanceof Date) && Object.keys(value).length === 0);
