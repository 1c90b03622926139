/** One of the first messages of a group that can be claimed. */
export interface ReadyRow {
  readonly grp: string;
  readonly seq: number;
  readonly bytes: number;
  readonly visible_at: number;
}

/** Returns the first messages of each group up to one that is not due, within the limit and the bytes of an answer. */
export function dueOf(rows: readonly ReadyRow[], nowMs: number, limit: number, most: number): ReadyRow[] {
  const due: ReadyRow[] = [];
  let bytes = most;
  let blocked: string | undefined;
  for (const row of rows) {
    if (due.length === limit || bytes <= 0) break;
    if (row.grp === blocked) continue;
    if (row.visible_at > nowMs) {
      blocked = row.grp;
    } else {
      bytes -= row.bytes;
      due.push(row);
    }
  }
  return due;
}
