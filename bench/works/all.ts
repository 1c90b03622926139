import { ADDS } from './adds';
import { BACKLOGS } from './backlogs';
import { BROKER_IDLE } from './brokerIdle';
import { BROKER_PROCESSES } from './brokerProcesses';
import { BROKER_RATES } from './brokerRates';
import { DRAINS } from './drains';
import { FIFO } from './fifo';
import { IDLE } from './idle';
import { IDLE_FOREIGN } from './idleForeign';
import { LONG } from './long';
import { PICK_UPS } from './pickUps';
import { PROCESSES } from './processes';
import { QUEUES } from './queues';
import { SHARED } from './shared';
import { SCHEDULING } from './schedules';
import { SIZE } from './size';
import { SLEEPING } from './sleepers';
import { STATISTICS } from './statistics';
import { STEADY } from './steady';
import { STEPS } from './steps';
import { TOOL } from './tool';
import type { Work } from './work';

/** The works in the order of the table. */
export const WORKS: readonly Work[] = [
  ...ADDS,
  ...DRAINS,
  ...STEADY,
  ...PICK_UPS,
  ...PROCESSES,
  ...SHARED,
  ...QUEUES,
  ...BACKLOGS,
  ...IDLE,
  ...IDLE_FOREIGN,
  ...LONG,
  ...SCHEDULING,
  ...STEPS,
  ...SLEEPING,
  ...SIZE,
  ...TOOL,
  ...STATISTICS,
  ...BROKER_RATES,
  ...BROKER_PROCESSES,
  ...FIFO,
  ...BROKER_IDLE,
];

/** @throws an Error if no work has the name. */
export function workOf(name: string): Work {
  const work = WORKS.find((each) => each.name === name);
  if (!work) throw new Error(`no work is named ${name}`);
  return work;
}
