import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The queue of every measurement. */
export const QUEUE = 'bench';

/** Number of tasks in one insert. */
export const INSERT_TASKS = 1_000;

/** The works that add at a fixed rate, in percent of the drain rate. Higher rates are out of reach, because adding takes its part of the cores. */
export const STEADY_LOADS = { steady: 50, 'steady-10': 10, 'steady-25': 25, 'steady-40': 40 } as const;

/** The folder of the installed peers, apart from the product. It is among the sources, not in build/. */
export const PEERS_FOLDER = join(__dirname, '../../../bench/peers');

/** Loads a package of a peer. The caller names its type, because the package need not be installed. */
export const requirePeer = <T>(name: string): T => createRequire(join(PEERS_FOLDER, 'package.json'))(name) as T;

/** Loads a package of a peer that is an ES module. */
export const importPeer = async <T>(name: string): Promise<T> =>
  (await import(pathToFileURL(join(PEERS_FOLDER, 'node_modules', name, 'dist/index.js')).href)) as T;

/** Splits a list into chunks of at most this size. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** Runs a function on every item, with this many under way at once. */
export async function inFlight<T>(items: readonly T[], width: number, run: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await run(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The outcome of a handler. */
export interface Ended {
  readonly ok: boolean;
  readonly result: unknown;
}

/** Runs handlers concurrently. A handler that returns at once costs no turn of the event loop. */
export function runAll<T>(items: readonly T[], run: (item: T) => unknown): Ended[] | Promise<Ended[]> {
  const started = items.map((item) => startOne(item, run));
  return started.some((ended) => ended instanceof Promise) ? Promise.all(started.map((each) => Promise.resolve(each))) : (started as Ended[]);
}

const FAILED: Ended = { ok: false, result: null };

function startOne<T>(item: T, run: (item: T) => unknown): Ended | Promise<Ended> {
  try {
    const result = run(item);
    if (!(result instanceof Promise)) return { ok: true, result };
    return result.then(
      (value: unknown) => ({ ok: true, result: value }),
      () => FAILED,
    );
  } catch {
    return FAILED;
  }
}

/** Writes items in batches, without a timer: a batch starts when the previous one has been written. */
export function coalesced<T>(write: (batch: T[]) => Promise<unknown> | void): (item: T) => Promise<void> {
  let waiting: T[] = [];
  let written: Promise<void> | undefined;
  const flush = async (): Promise<void> => {
    await Promise.resolve();
    const batch = waiting;
    waiting = [];
    written = undefined;
    busy = Promise.resolve(write(batch)).then(() => undefined);
    await busy;
  };
  let busy: Promise<void> = Promise.resolve();
  return (item) => {
    waiting.push(item);
    return (written ??= busy.then(flush));
  };
}
