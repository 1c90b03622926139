import type { TaskError } from '../../constants/events';
import type { Random } from '../../modules/time/clock';
import type { Lease, Task } from '../../modules/task/task';
import { EPOCH_MS } from './fakeClock';

/** Returns the id of the nth task of a test, a UUIDv7. */
export const idOf = (n: number): string => `01940000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

export const sampleError: TaskError = Object.freeze({ name: 'Error', message: 'it broke' });

export const sampleLease = (rest: Partial<Lease> = {}): Lease => ({
  token: 'token-1',
  workerId: 'worker-1',
  expiresAt: new Date(EPOCH_MS + 30_000),
  ms: 30_000,
  extendedMs: 0,
  alone: false,
  timedOut: false,
  beside: false,
  ...rest,
});

/** A running task in its first attempt. */
export const sampleTask = (rest: Partial<Task> = {}): Task => ({
  id: idOf(1),
  queue: 'mail',
  name: 'welcome',
  payload: '{"to":"a@example.org"}',
  state: 'running',
  priority: 0,
  attempt: 1,
  failures: 0,
  maxRetries: 3,
  suspect: false,
  rev: 0,
  availableAt: new Date(EPOCH_MS),
  createdAt: new Date(EPOCH_MS),
  finishedAt: null,
  settings: {},
  uniqueKey: null,
  lease: sampleLease(),
  result: null,
  error: null,
  progress: null,
  history: null,
  ...rest,
});

/** Returns a generator of random numbers that are the same in every run (mulberry32, public domain). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
