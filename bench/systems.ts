import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMongo, whyNoMongo } from '../test/support/mongod';

/** Something that is measured: each run gets a store that nothing was in. */
export interface System {
  readonly name: string;
  freshUrl(): string;
  stop(): Promise<void>;
}

/** Starts what can be had, and says what cannot. */
export async function startSystems(only: (name: string) => boolean, say: (line: string) => void): Promise<System[]> {
  const systems: System[] = [];
  if (only('holdfast-sqlite')) systems.push(await startSqlite());
  if (!only('holdfast-mongodb')) return systems;
  const why = await whyNoMongo();
  if (why === null) systems.push(await startMongodb());
  else say(`holdfast-mongodb is left out: ${why}`);
  return systems;
}

async function startSqlite(): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  let runs = 0;
  return {
    name: 'holdfast-sqlite',
    freshUrl: () => `sqlite:${join(folder, `${++runs}.db`)}`,
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function startMongodb(): Promise<System> {
  const mongo = await startMongo();
  let runs = 0;
  return { name: 'holdfast-mongodb', freshUrl: () => mongo.uri(`bench${++runs}`), stop: () => mongo.stop() };
}
