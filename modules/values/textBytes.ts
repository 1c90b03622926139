/** Shortest text that is worth being measured. */
const MEASURED_CHARACTERS = 1_024;

/** Returns the most bytes that a text may take in UTF-8. A long text is measured; of a short one, a character takes three bytes at most. */
export const textBytes = (text: string | null | undefined): number =>
  !text ? 0 : text.length < MEASURED_CHARACTERS ? 3 * text.length : Buffer.byteLength(text);
