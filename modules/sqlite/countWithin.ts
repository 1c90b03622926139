/** The place of a task, and the bytes of its texts. */
export interface SizedRow {
  readonly seq: number;
  readonly bytes: number;
}

/** Returns how many of the first rows fit into so many bytes: one at least, if there is one. */
export function countWithin(rows: readonly SizedRow[], mostBytes: number): number {
  let total = 0;
  for (const [index, { bytes }] of rows.entries()) {
    total += bytes;
    if (total > mostBytes && index > 0) return index;
  }
  return rows.length;
}
