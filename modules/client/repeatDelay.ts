const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Returns how long to wait before a call is repeated: doubling, between half of it and all, and no less than the server asks for. */
export function repeatDelay(tries: number, retryAfterMs: number, random: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries);
  return Math.max(retryAfterMs, fullMs * (0.5 + random / 2));
}
