import type { Random } from './clock';

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** The wait before a call to a store that failed is made again: half of it is random, and it never passes two seconds. */
export const callRetryDelay = (tries: number, random: Random): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10)) * (0.5 + random() / 2);
