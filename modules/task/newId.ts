import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

const RANDOM_BYTES = 16;

/** The number of ids whose random bytes are drawn at once: a draw takes five microseconds, whatever its size. */
const POOL_IDS = 256;

const pool = new Uint8Array(POOL_IDS * RANDOM_BYTES);
const last = { msecs: -Infinity, seq: 0 };
let used = pool.length;

/**
 * Returns a UUID of version 7. The ids of one process sort in order of creation: within a millisecond they count up from a random start.
 *
 * See RFC 9562, section 6.2, method 1.
 */
export function newId(): string {
  const random = drawn();
  const now = Date.now();
  if (now > last.msecs) {
    last.msecs = now;
    last.seq = beginning(random);
  } else {
    last.seq = (last.seq + 1) | 0;
    if (last.seq === 0) last.msecs += 1;
  }
  return uuidv7({ random, msecs: last.msecs, seq: last.seq });
}

function drawn(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += RANDOM_BYTES));
}

/** The counter starts below half of its 32 bits, which leaves room to count. */
const beginning = (random: Uint8Array): number =>
  (((random[6] ?? 0) & 0x7f) << 24) | ((random[7] ?? 0) << 16) | ((random[8] ?? 0) << 8) | (random[9] ?? 0);
