import { SECOND } from '../../constants/limits';

/** Shortest and longest time for which a process holds what it has claimed: a killed process delays its schedules by so much. */
export const SHORTEST_HOLD_MS = 2 * SECOND;
const LONGEST_HOLD_MS = 10 * SECOND;

/**
 * Returns the time for which the next part is held. A process that needs long for a part has longer for the next.
 *
 * It is in whole milliseconds, as a store keeps instants: SQLite refuses a fraction.
 */
export const nextHoldMs = (tookMs: number): number => Math.round(Math.min(LONGEST_HOLD_MS, Math.max(SHORTEST_HOLD_MS, 4 * tookMs)));
