import { LATEST_INSTANT } from '../../constants/limits';

/** The instant a delay leads to, within what a task may carry. */
export const instantAfter = (nowMs: number, delayMs: number): Date => new Date(Math.min(nowMs + delayMs, LATEST_INSTANT));
