import type { mongo } from 'mongoose';
import { HoldfastError } from '../errors/holdfastError';

/** The oldest major version of the driver whose answers have the shape that is read here. */
const OLDEST_DRIVER = 6;

/** Where a client keeps what it tells a server of itself. Newer drivers keep a promise. */
interface WithMetadata {
  readonly metadata?: { readonly driver?: { readonly version?: string } } | Promise<{ readonly driver?: { readonly version?: string } }>;
}

/**
 * Returns the major version of the driver of a client, which is that of its BSON as well.
 *
 * @throws HOLDFAST_DRIVER_UNFIT
 */
export async function checkDriver(client: mongo.MongoClient): Promise<number> {
  const metadata = await (client.options as unknown as WithMetadata).metadata;
  // Mongoose adds a version of its own: 7.8.0|9.12.1.
  const [version = 'unknown'] = metadata?.driver?.version?.split('|') ?? [];
  const major = Number.parseInt(version, 10);
  if (major >= OLDEST_DRIVER) return major;
  throw new HoldfastError('HOLDFAST_DRIVER_UNFIT', {
    field: 'the mongodb package of the connection given',
    expected: `${OLDEST_DRIVER}.0 or later`,
    got: version,
  });
}
