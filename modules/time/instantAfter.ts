import { LATEST_INSTANT } from '../../constants/limits';

/** Returns the instant after a delay, capped at the latest instant of a task. */
export const instantAfter = (nowMs: number, delayMs: number): Date => new Date(Math.min(nowMs + delayMs, LATEST_INSTANT));
