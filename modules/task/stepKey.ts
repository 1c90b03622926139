import { createHash } from 'node:crypto';
import { uuidBytes, uuidOf } from './uuidBytes';

const BYTES = 16;

/** Returns the idempotency key of a step: the UUID of version 5 (RFC 9562) of its name, in the namespace that is the id of its task. */
export function stepKey(taskId: string, name: string): string {
  const bytes = createHash('sha1').update(uuidBytes(taskId)).update(name).digest().subarray(0, BYTES);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return uuidOf(bytes);
}
