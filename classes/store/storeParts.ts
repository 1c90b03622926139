import type { StoreOptions } from '../../config/optionTypes';
import { describeValue, HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import type { Database } from '../../modules/ports/database';
import type { Surroundings } from '../../modules/time/clock';
import { Batches } from '../bulk/batches';
import { Bulks } from '../bulk/bulks';
import { Resumer } from '../bulk/resumer';
import { QueueRules } from '../flow/queueRules';
import { QueueTurns } from '../flow/queueTurns';
import { DueTimes } from '../idle/dueTimes';
import { Endings } from '../idle/endings';
import { SessionHints } from '../idle/sessionHints';
import { Wakeups } from '../idle/wakeups';
import { Claimer } from '../lease/claimer';
import { HandOvers } from '../lease/handOvers';
import { LeaseKeeper } from '../lease/leaseKeeper';
import { Recorder } from '../lease/recorder';
import { Settler } from '../lease/settler';
import { Solitude } from '../lease/solitude';
import { Sweeper } from '../lease/sweeper';
import type { Emitter } from '../observe/emitter';
import { InternalErrors } from '../observe/internalErrors';
import { StoreMonitor } from '../observe/storeMonitor';
import { FailureBook } from '../statistics/failureBook';
import { TaskCounter } from '../statistics/taskCounter';
import { Searches } from '../search/searches';
import { Dependents } from './dependents';
import { Inserter } from './inserter';
import { observingParts } from './observingParts';
import { ProgressWriter } from './progressWriter';
import { StepWriter } from './stepWriter';
import { watchedDatabase } from './watchedDatabase';

/** The parts that run once per process on an opened store. Each class names the ones that it needs. */
export type StoreParts = ReturnType<typeof assembleParts>;

/** The options of a store that its parts need. */
type PartsOptions = Pick<StoreOptions, 'callTimeoutMs' | 'statistics'>;

/** Creates the parts of a store. Nothing is started. */
export function assembleParts(database: Database, options: PartsOptions, events: Emitter, { clock, random }: Surroundings) {
  const { callTimeoutMs, statistics } = options;
  const monitor = new StoreMonitor(events, clock, callTimeoutMs);
  const internalErrors = new InternalErrors({ events, clock, isOfStore: (error) => monitor.isFault(error) });
  const watched = watchedDatabase(database, monitor);
  const { tasks, tallies, looks, settings, schedules, transit, messages, fifo, records, followUps } = watched;
  const dependents = new Dependents();
  const solitude = new Solitude(clock);
  const rules = new QueueRules(settings, clock);
  const turns = new QueueTurns(looks, clock, random);
  const wakeups = new Wakeups({ tasks, turns, looksPerSecond: database.looksPerSecond, clock, random });
  const dueTimes = new DueTimes(tasks, rules);
  const leases = new LeaseKeeper(tasks, clock, internalErrors);
  const settler = new Settler(tasks, internalErrors, clock, random);
  const counter = statistics ? new TaskCounter() : undefined;
  const storeNow = (): Promise<number> => schedules.now();
  const failureBook = counter && new FailureBook({ records, storeNow, clock });
  const handOvers = new HandOvers({ followUps, tasks, wakeups, events, counter, internalErrors, clock, random });
  const recorder = new Recorder({ tasks, settler, handOvers, wakeups, events, counter, failureBook, internalErrors, clock, random });
  const bulks = new Bulks({ bulk: watched.bulk, records, wakeups, events, internalErrors, clock, random });
  const claimer = new Claimer({ tasks, rules, turns, leases, settler, solitude, internalErrors, clock, random });
  const searches = new Searches({ search: watched.search, bulk: watched.bulk, looks, storeNow, clock });
  const batches = new Batches({ bulk: watched.bulk, records, searches, recorder, events, internalErrors, clock, random });
  const resumer = new Resumer({ bulks, batches, internalErrors, clock });
  const sweeper = new Sweeper({ tasks, leases, recorder, storeNow, events, internalErrors, clock, random });
  const sessions = new SessionHints(wakeups, clock);
  const inserter = new Inserter({ tasks, within: database.tasks, wakeups, sessions, events, counter, clock, random });
  const progress = new ProgressWriter(watched.progress);
  const steps = new StepWriter(watched.steps);
  const endings = new Endings({ tasks, wakeups, events, clock });
  return {
    ...{ clock, random, events, tasks, tallies, looks, settings, schedules, transit, messages, records, dependents, rules, turns, internalErrors },
    ...{ solitude, wakeups, dueTimes, leases, settler, handOvers, recorder, bulks, resumer, claimer, sweeper, inserter, progress, endings },
    ...{ fifo, steps, searches, batches, ...observingParts({ records, storeNow, counter, failureBook, internalErrors, clock }) },
    callTimeoutMs,
    /** Counts the live tasks of other namespaces. */
    liveElsewhere: () => database.liveElsewhere(),
    checkSchema: () => checkSchema(database, internalErrors),
  };
}

/**
 * Returns the parts of an opened store, and refuses anything else: a promise of a store would fail only later, and far from the mistake.
 *
 * A store is recognized by its shape, because a program may load Holdfast twice.
 *
 * @throws HOLDFAST_OPTION_INVALID
 */
export function partsOf(store: { readonly parts: StoreParts }): StoreParts {
  const parts = (store as { readonly parts?: Partial<StoreParts> } | null | undefined)?.parts;
  if (parts?.dependents && parts.recorder) return store.parts;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
    field: 'store',
    expected: 'a Store that openStore has opened (was await forgotten?)',
    got: describeValue(store),
  });
}

/**
 * Refuses a store that a newer release has changed since it was opened. An unreachable store is not refused, because claims wait for it.
 *
 * @throws HOLDFAST_STORE_NEWER
 */
async function checkSchema(database: Database, internalErrors: InternalErrors): Promise<void> {
  try {
    await database.checkSchema();
  } catch (error) {
    if (isHoldfastError(error, 'HOLDFAST_STORE_NEWER')) throw error;
    if (!isHoldfastError(error)) internalErrors.note('start', error);
  }
}
