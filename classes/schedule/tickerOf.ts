import type { StoreParts } from '../store/storeParts';
import { Ticker } from './ticker';

/** The parts of the ticker of a store. */
export type TickerOfParts = Pick<StoreParts, 'dependents' | 'inserter' | 'schedules' | 'tasks' | 'events' | 'internalErrors' | 'clock' | 'random'>;

/** Returns the ticker of a store: there is one in a process, which ends after the workers of the store. */
export function tickerOf({ dependents, inserter, schedules, tasks, events, internalErrors, clock, random }: TickerOfParts): Ticker {
  return dependents.share(
    Ticker,
    () => new Ticker({ schedules, tasks, insert: (task) => inserter.add(task), events, internalErrors, clock, random }),
  );
}
