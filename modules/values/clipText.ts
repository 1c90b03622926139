/** Shortens a text to whole characters only: half of one is not kept alike by all stores. */
export const clipText = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
