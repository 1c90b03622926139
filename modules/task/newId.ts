import { randomFillSync } from 'node:crypto';

/** Random bytes of an id: four for a start of the counter, two for the digits beside the counter, and four for the last digits. */
const RANDOM_BYTES = 10;

/** The number of ids whose random bytes are drawn at once: a draw takes five microseconds, whatever its size. */
const POOL_IDS = 256;

/** The two hexadecimal digits of a byte. */
const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const pool = Buffer.alloc(POOL_IDS * RANDOM_BYTES);
const last = { msecs: -Infinity, seq: 0 };
let poolDigits = '';
let used = pool.length;

/** The first 24 characters: 64 ids that follow each other within a millisecond share them. */
let head = '';
let headMsecs = -1;
let headSeq = -1;

/**
 * Returns a UUID of version 7. The ids of one process sort in order of creation: within a millisecond they count up from a random start.
 *
 * See RFC 9562, section 6.2, method 1. It is put together from pieces of text: a buffer for each id costs three times as much, most of it in the
 * collection of garbage.
 */
export function newId(): string {
  const at = drawn();
  advance(at);
  const { msecs, seq } = last;
  if (msecs !== headMsecs || seq >>> 6 !== headSeq) renewHead(msecs, seq);
  const middle = ((seq & 0x3f) << 2) | ((pool[at + 4] as number) & 3);
  return head + digitsOf(middle) + digitsOf(pool[at + 5] as number) + poolDigits.slice(2 * at + 12, 2 * at + 20);
}

const digitsOf = (byte: number): string => DIGITS[byte] as string;

/** Returns the place of unused random bytes in the pool. */
function drawn(): number {
  if (used === pool.length) {
    poolDigits = randomFillSync(pool).toString('hex');
    used = 0;
  }
  const at = used;
  used += RANDOM_BYTES;
  return at;
}

function advance(at: number): void {
  const now = Date.now();
  if (now > last.msecs) {
    last.msecs = now;
    // The counter starts below half of its 32 bits, which leaves room to count.
    last.seq = pool.readUInt32BE(at) & 0x7fffffff;
  } else {
    last.seq = (last.seq + 1) | 0;
    if (last.seq === 0) last.msecs += 1;
  }
}

/** Writes the time, the version, the upper bits of the counter and the variant between them. */
function renewHead(msecs: number, seq: number): void {
  const time = msecs.toString(16).padStart(12, '0');
  const upper = (seq >>> 20).toString(16).padStart(3, '0');
  const lower = (0x8000 | ((seq >>> 6) & 0x3fff)).toString(16);
  head = `${time.slice(0, 8)}-${time.slice(8)}-7${upper}-${lower}-`;
  headMsecs = msecs;
  headSeq = seq >>> 6;
}
