import { readFile } from 'node:fs/promises';
import type { mongo } from 'mongoose';
import type { Cost } from './work';

type Counters = Record<string, number>;

/** The result of a run, with its cost. */
export interface Costed<T> {
  readonly result: T;
  readonly perTask: (tasks: number) => Cost;
}

/** Runs a function and measures its cost: by the counters of the server on MongoDB, by the bytes that this process writes on SQLite. */
export async function costing<T>(url: string, run: () => Promise<T>): Promise<Costed<T>> {
  const meter = await openMeter(url);
  try {
    const before = await meter.read();
    const result = await run();
    const after = await meter.read();
    const difference = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    return { result, perTask: (tasks) => Object.fromEntries(Object.keys(after).map((name) => [name, difference(name) / Math.max(1, tasks)])) };
  } finally {
    await meter.close();
  }
}

export interface Meter {
  readonly read: () => Promise<Counters>;
  readonly close: () => Promise<void>;
}

const nothing: Meter = { read: () => Promise.resolve({}), close: () => Promise.resolve() };

export async function openMeter(url: string): Promise<Meter> {
  if (url.startsWith('sqlite:')) return { read: writtenBytes, close: nothing.close };
  if (!url.startsWith('mongodb')) return nothing;
  const client = await connectMongo(url);
  return { read: async () => countersOf(await client.db().admin().serverStatus()), close: () => client.close() };
}

/** Loads the driver only when it is needed, because that takes a third of a second. */
export async function connectMongo(url: string): Promise<mongo.MongoClient> {
  const { mongo: driver } = await import('mongoose');
  return new driver.MongoClient(url).connect();
}

/** Reads the bytes that this process has written. Only Linux counts them. */
async function writtenBytes(): Promise<Counters> {
  const text = await readFile('/proc/self/io', 'utf8').catch(() => '');
  const bytes = /^write_bytes: (\d+)/m.exec(text)?.[1];
  return bytes === undefined ? {} : { writtenBytes: Number(bytes) };
}

interface ServerStatus {
  readonly opcounters: Counters;
  readonly metrics: {
    readonly queryExecutor: { readonly scanned: number; readonly scannedObjects: number };
    readonly operation: { readonly writeConflicts: number };
  };
  readonly extra_info: { readonly user_time_us?: number; readonly system_time_us?: number };
}

function countersOf(given: mongo.Document): Counters {
  const { opcounters, metrics, extra_info: used } = given as ServerStatus;
  return {
    commands: ['insert', 'query', 'update', 'delete', 'getmore', 'command'].reduce((sum, name) => sum + (opcounters[name] ?? 0), 0),
    keysExamined: metrics.queryExecutor.scanned,
    documentsExamined: metrics.queryExecutor.scannedObjects,
    writeConflicts: metrics.operation.writeConflicts,
    serverCpuMicroseconds: (used.user_time_us ?? 0) + (used.system_time_us ?? 0),
  };
}
