import type { mongo } from 'mongoose';

/** A UUID as BSON has it. */
export type Uuid = mongo.BSON.UUID;
