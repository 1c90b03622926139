import type { Namespace } from '../ports/namespace';
import type { MakeId } from './uuid';

/** How the keys of tasks are written in a database: queues in their namespace, and ids by the BSON of its client. */
export interface MongoKeys extends Namespace {
  readonly mongoId: MakeId;
}
