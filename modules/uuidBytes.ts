import { parse, stringify } from 'uuid';

/** The 16 bytes of a UUID, as databases keep it. */
export const uuidBytes = (id: string): Uint8Array => parse(id);

/** The UUID that 16 bytes hold. */
export const uuidOf = (bytes: Uint8Array): string => stringify(bytes);
