import type { Random } from './clock';
import { doubling } from './doubling';

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** Returns the delay before a failed store call is retried: exponential up to two seconds, half of it random. */
export const callRetryDelay = (tries: number, random: Random): number => doubling(FIRST_MS, tries, LONGEST_MS) * (0.5 + random() / 2);
