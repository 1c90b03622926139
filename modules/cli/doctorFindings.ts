import { SECOND } from '../../constants/limits';
import type { Examination, Finding } from '../ports/examination';
import type { DueQueue } from '../ports/queueLook';
import { isNamed } from '../ports/queuePatterns';
import type { ProcessView } from '../roster/processRow';
import { shownDuration } from './shownTime';

/** From here on an answer is slow, and too slow for leases of the default length. */
const SLOW_MS = 50;
const TOO_SLOW_MS = SECOND;

/** A store times leases by its own clock alone; logs and the times that a user gives are off by the difference. */
const SKEW_MS = 500;
const MUCH_SKEW_MS = 30 * SECOND;

/** The part of the memory that should be left. */
const MEMORY_PART = 0.05;

const MIB = 1024 * 1024;

/** The version of the schema, and its indexes. */
export function schemaFindings({ version, newest, missingIndexes }: Examination): Finding[] {
  const check = 'schema';
  if (version === 0) return [{ check, level: 'bad', text: 'There is no Holdfast store here: holdfast db migrate makes one' }];
  const schema: Finding =
    version < newest
      ? {
          check,
          level: 'warn',
          text: `Version ${version} of ${newest}: holdfast db migrate, or the next process that opens it, brings it up to date`,
        }
      : { check, level: 'ok', text: `Version ${version}` };
  const indexes: Finding =
    missingIndexes.length > 0
      ? { check: 'indexes', level: 'bad', text: `Missing: ${missingIndexes.join(', ')}. On MongoDB holdfast db migrate makes them again` }
      : { check: 'indexes', level: 'ok', text: 'All are there' };
  return [schema, indexes];
}

/** How long the store takes to answer. */
export function roundTripFinding(ms: number): Finding {
  const text = `The store answers in ${shownTime(ms)} (median)`;
  if (ms < SLOW_MS) return { check: 'round trip', level: 'ok', text };
  return {
    check: 'round trip',
    level: ms < TOO_SLOW_MS ? 'warn' : 'bad',
    text: `${text}: each claim and each outcome waits for that. Run workers near it`,
  };
}

/** How far the clock of the store is from the clock of this machine. */
export function clockFinding(skewMs: number, uncertainMs: number): Finding {
  const check = 'clock';
  const apart = Math.abs(skewMs);
  const text = `The clock of the store is ${shownTime(apart)} ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's, ± ${shownTime(uncertainMs)}`;
  if (apart - uncertainMs < SKEW_MS) return { check, level: 'ok', text };
  return { check, level: apart < MUCH_SKEW_MS ? 'warn' : 'bad', text: `${text}: leases do not mind, logs and given dates do. Set it by NTP` };
}

/** How long it takes to find what is due, which every claim begins with. */
export function claimFinding(lookMs: number, nextDueMs: number): Finding {
  const ms = Math.max(lookMs, nextDueMs);
  const text = `Finding what is due takes ${shownTime(lookMs)}, when the next is due ${shownTime(nextDueMs)} (medians)`;
  if (ms < SLOW_MS) return { check: 'claim', level: 'ok', text };
  return { check: 'claim', level: ms < TOO_SLOW_MS ? 'warn' : 'bad', text: `${text}: see indexes, round trip and the load of the store` };
}

/** What is due, and where nobody needs to take it. */
interface DueWork {
  readonly due: readonly DueQueue[];
  readonly paused: ReadonlySet<string>;
  /** The queues of the broker, whose messages are received by clients. */
  readonly brokers: ReadonlySet<string>;
}

/** Whether live processes serve what is due. */
export function processFindings(processes: readonly ProcessView[], { due, paused, brokers }: DueWork): Finding[] {
  const check = 'processes';
  const slots = processes.reduce((sum, one) => sum + one.slots, 0);
  const versions = [...new Set(processes.map(({ version }) => version))];
  const taking = processes.filter(({ isDraining }) => !isDraining);
  const isServed = (queue: string): boolean => taking.some(({ workers }) => workers.some(({ queues }) => isNamed(queues, queue)));
  const unserved = [...new Set(due.map(({ queue }) => queue))].filter((queue) => !paused.has(queue) && !brokers.has(queue) && !isServed(queue));
  const text = `${processes.length} live ${processes.length === 1 ? 'process' : 'processes'} with ${slots} slots`;
  const served: Finding[] =
    unserved.length > 0
      ? [
          {
            check,
            level: 'bad',
            text: `${text}; tasks are due that nobody takes, in ${unserved.slice(0, 10).join(', ')}${unserved.length > 10 ? ' …' : ''}`,
          },
        ]
      : [{ check, level: 'ok', text: `${text}; all that is due is served or paused` }];
  return versions.length > 1 ? [...served, { check, level: 'warn', text: `They run several releases: ${versions.join(', ')}` }] : served;
}

/** Whether this machine has memory left. */
export function memoryFinding(available: number, total: number): Finding {
  const text = `${Math.round(available / MIB).toLocaleString('en-US')} of ${Math.round(total / MIB).toLocaleString('en-US')} MiB of this machine are available`;
  return { check: 'memory', level: available < total * MEMORY_PART ? 'bad' : 'ok', text };
}

const shownTime = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : shownDuration(ms));
