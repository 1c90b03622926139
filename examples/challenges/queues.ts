import type { TaskOptions } from '../../index';

/** The queues, one a worker. */
export const CLOSINGS = 'close-submissions';
export const RESETS = 'reset-challenges';
export const ENDS = 'close-on-time';
export const MAILS = 'mails';

/** The retries of the demonstration are this many times as fast, so that it ends within a minute. */
export const HASTE = Number(process.env['CHALLENGES_HASTE'] ?? 1);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const waits = (minMs: number, maxMs: number) => ({ type: 'exponential', minMs: minMs / HASTE, maxMs: maxMs / HASTE }) as const;

/** Haste makes the delays shorter, but not the outages, so it needs more retries. */
const tries = (maxRetries: number): number => (HASTE > 1 ? 10 * maxRetries : maxRetries);

/**
 * The retries of an update. A conditional PUT may be sent again at any time, and every minute counts: it begins after seconds, and goes on through an
 * outage of hours.
 */
export const UPDATE = { maxRetries: tries(30), backoff: waits(5 * SECOND, 10 * MINUTE), timeoutMs: 30 * SECOND } satisfies TaskOptions;

/**
 * The retries of a mail. A server that defers a mail wants to be left alone for minutes, and a mail that was accepted before a crash comes twice: it
 * is tried less often, for longer.
 */
export const MAIL = { maxRetries: tries(15), backoff: waits(MINUTE, HOUR), timeoutMs: MINUTE } satisfies TaskOptions;
