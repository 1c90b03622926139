import { mongo } from 'mongoose';
import { uuidBytes } from '../task/uuidBytes';

/** A UUID as BSON has it. */
export type Uuid = mongo.BSON.UUID;

/** Makes the id of a document from that of a task. */
export type MakeId = (id: string) => Uuid;

const { UUID } = mongo.BSON;

/** Where BSON keeps its version in each value. It refuses a value of another one. */
const VERSION = Symbol.for('@@mdb.bson.version');

/** The version of the BSON that Holdfast's own Mongoose brings. */
const OWN_VERSION = (UUID.prototype as unknown as Record<symbol, number>)[VERSION];

/** Makes ids for the client of this store. */
export const mongoId: MakeId = (id) => new UUID(uuidBytes(id));

/**
 * Makes ids that a client of any version of BSON takes. Versions 6 and 7 write a UUID from the same fields; only the number in it differs.
 *
 * @param version the major version of the BSON of the client.
 */
export function idsOfVersion(version: number): MakeId {
  if (version === OWN_VERSION) return mongoId;
  class ForeignUuid extends UUID {}
  Object.defineProperty(ForeignUuid.prototype, VERSION, { value: version });
  return (id) => new ForeignUuid(uuidBytes(id));
}
