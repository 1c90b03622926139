/** Shortens a text, and replaces half surrogate pairs, which stores keep differently. */
export const clipText = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
