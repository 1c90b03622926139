import type { mongo } from 'mongoose';
import type { TaskDocument } from './taskFields';

/** Options of a find whose answer is one batch. */
export interface FindAtOnce {
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly hint?: mongo.Hint;
  readonly projection?: Readonly<Record<string, 0>>;
  readonly limit: number;
  readonly skip: number;
  readonly maxTimeMS: number;
}

/** The documents of a find; cut where the answer would have been too large. */
export interface FoundAtOnce {
  readonly documents: TaskDocument[];
  readonly isCut: boolean;
}

/** The answer of a command with a cursor. */
export interface FirstBatch {
  readonly id: unknown;
  readonly firstBatch: TaskDocument[];
}
