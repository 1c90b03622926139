import type { Random } from './clock';
import { doubling } from './doubling';

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** The wait before a call to a store that failed is made again: half of it is random, and it never passes two seconds. */
export const callRetryDelay = (tries: number, random: Random): number => doubling(FIRST_MS, tries, LONGEST_MS) * (0.5 + random() / 2);
