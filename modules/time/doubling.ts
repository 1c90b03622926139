/** The exponent up to which a number of milliseconds stays exact. */
const MOST_DOUBLINGS = 52;

/** Doubles a delay so many times, up to a bound. */
export const doubling = (firstMs: number, doublings: number, longestMs: number): number =>
  Math.min(longestMs, firstMs * 2 ** Math.min(doublings, MOST_DOUBLINGS));
