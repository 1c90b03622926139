/** What was found in one lane of a listing, a part of an index that is read newest first. */
export interface LaneFound<Row> {
  readonly rows: readonly Row[];
  /** The id down to which the lane was looked through; null if that was all of it. */
  readonly until: string | null;
}

/** A page of a listing, and the id after which the next one begins; null after the last. */
export interface LanePage<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** Returns what was found in a lane by a request for one row more than a page has. */
export const foundIn = <Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  lookedUntil: string | null = null,
): LaneFound<Row> => ({
  rows,
  until: rows.length > limit ? (rows.at(-1)?.id ?? null) : lookedUntil,
});

/**
 * Makes a page of what was found in several lanes: newest first, and only down to where all of them were looked through. A task that moved from one
 * lane to another meanwhile comes once.
 */
export function pageOfLanes<Row extends { readonly id: string }>(lanes: readonly LaneFound<Row>[], limit: number): LanePage<Row> {
  const until = lanes.reduce<string | null>((latest, lane) => (lane.until !== null && lane.until > (latest ?? '') ? lane.until : latest), null);
  const known = new Map(lanes.flatMap(({ rows }) => rows.map((row) => [row.id, row] as const)));
  const certain = [...known.values()].filter(({ id }) => until === null || id >= until).sort((one, other) => (one.id < other.id ? 1 : -1));
  const rows = certain.slice(0, limit);
  return { rows, next: certain.length > limit ? (rows.at(-1)?.id ?? null) : until };
}
