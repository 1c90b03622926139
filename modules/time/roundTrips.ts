/** A question to a database, by the clock of this machine, and what the database's clock said. */
export interface RoundTrip {
  /** When it was sent. */
  readonly atMs: number;
  readonly ms: number;
  readonly storeMs: number;
}

/** How far a clock is from that of this machine: by `skewMs`, give or take `uncertainMs`. */
export interface Skew {
  readonly skewMs: number;
  readonly uncertainMs: number;
}

/** Number of questions of which the median is taken. */
export const QUESTIONS = 9;

/** Databases tell their time in whole milliseconds. */
const RESOLUTION_MS = 1;

/** Asks a database for its time several times. Each answer has to come from the database itself. */
export async function roundTrips(ask: () => Promise<number>): Promise<RoundTrip[]> {
  const trips: RoundTrip[] = [];
  for (let count = 0; count < QUESTIONS; count += 1) {
    const atMs = Date.now();
    const from = performance.now();
    const storeMs = await ask();
    trips.push({ atMs, ms: performance.now() - from, storeMs });
  }
  return trips;
}

/** Returns the median of times. */
export const medianOf = (times: readonly { readonly ms: number }[]): number =>
  times.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** Tells how far the clock of a database is off, by the shortest trip: it was read somewhere between question and answer. */
export function skewOf(trips: readonly RoundTrip[]): Skew {
  const best = trips.reduce((one, other) => (other.ms < one.ms ? other : one));
  return { skewMs: best.storeMs + RESOLUTION_MS / 2 - (best.atMs + best.ms / 2), uncertainMs: best.ms / 2 + RESOLUTION_MS };
}
