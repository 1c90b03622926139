import { HoldfastError } from '../errors/holdfastError';

/** A UUID in text: groups of 8, 4, 4, 4 and 12 hexadecimal digits with hyphens between. */
const CHARACTERS = 36;
const BYTES = 16;

/**
 * Returns the 16 bytes of a UUID, as databases store it.
 *
 * The built-in decoder takes a third of the time of a loop over the digits.
 *
 * @throws HOLDFAST_OPTION_INVALID if the text is not a UUID.
 */
export function uuidBytes(id: string): Buffer {
  const bytes = Buffer.from(hexOf(id), 'hex');
  if (id.length !== CHARACTERS || bytes.length !== BYTES)
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'id', expected: 'a UUID', got: id });
  return bytes;
}

/** Returns the digits of a UUID without hyphens. */
export const hexOf = (id: string): string => id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);

/** Returns the UUID of 16 bytes. */
export const uuidOf = (bytes: Uint8Array): string => uuidOfHex(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'));

/** Returns the UUID of 32 digits, in lower case. */
export const uuidOfHex = (hex: string): string => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
