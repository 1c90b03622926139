import type { RoundTrip } from '../time/roundTrips';

/** How bad something is. */
export type FindingLevel = 'ok' | 'warn' | 'bad';

/** What was found by one check of a deployment. */
export interface Finding {
  /** What was looked at, as `schema` or `clock`. */
  readonly check: string;
  readonly level: FindingLevel;
  /** What was found, measured, and what to do about it. */
  readonly text: string;
}

/** What is found out about a database without changing it. */
export interface Examination {
  /** The version of its schema; 0 where there is no Holdfast in it yet. */
  readonly version: number;
  /** The version that this release brings it to. */
  readonly newest: number;
  readonly missingIndexes: readonly string[];
  /** Questions that the database itself has answered. */
  readonly trips: readonly RoundTrip[];
  /** What only a look at the database itself tells. */
  readonly findings: readonly Finding[];
}
