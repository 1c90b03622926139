import { HoldfastError } from '../errors/holdfastError';

/** Eight hexadecimal digits, three times four, and twelve, with hyphens between. */
const CHARACTERS = 36;
const BYTES = 16;

/**
 * The 16 bytes of a UUID, as databases keep it.
 *
 * The decoder of the platform takes a third of the time of one that goes digit by digit.
 *
 * @throws HOLDFAST_OPTION_INVALID where the text is no UUID.
 */
export function uuidBytes(id: string): Buffer {
  const bytes = Buffer.from(hexOf(id), 'hex');
  if (id.length !== CHARACTERS || bytes.length !== BYTES)
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'id', expected: 'a UUID', got: id });
  return bytes;
}

/** Its digits alone. */
export const hexOf = (id: string): string => id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);

/** The UUID that 16 bytes hold. */
export const uuidOf = (bytes: Uint8Array): string => uuidOfHex(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'));

/** The UUID of these digits, in lower case. */
export const uuidOfHex = (hex: string): string => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
