import { agenda } from './agenda';
import { bullmq } from './bullmq';
import { dbos } from './dbos';
import { elasticmq } from './elasticmq';
import { graphileWorker } from './graphileWorker';
import { holdfast } from './holdfast';
import { httpServers } from './httpServers';
import { pgBoss } from './pgBoss';
import { rawMongodb } from './rawMongodb';
import { rawSqlite } from './rawSqlite';
import type { System } from './system';

/** The systems in the order of the table. */
export const SYSTEMS: readonly System[] = [
  rawSqlite,
  ...holdfast,
  rawMongodb,
  ...agenda,
  ...bullmq,
  ...pgBoss,
  ...graphileWorker,
  dbos,
  ...httpServers,
  elasticmq,
];

/** @throws an Error if no system has the name. */
export function systemOf(name: string): System {
  const system = SYSTEMS.find((each) => each.name === name);
  if (!system) throw new Error(`no system is named ${name}`);
  return system;
}
