import type { RecordStore } from '../../modules/ports/recordStore';
import type { Clock } from '../../modules/time/clock';
import { makeWorkerId } from '../../modules/worker/makeWorkerId';
import type { InternalErrors } from '../observe/internalErrors';
import { ProcessBeat } from '../roster/processBeat';
import { Processes } from '../roster/processes';
import type { FailureBook } from '../statistics/failureBook';
import { Failures } from '../statistics/failures';
import { Statistics } from '../statistics/statistics';
import { StatisticsWriter } from '../statistics/statisticsWriter';
import type { TaskCounter } from '../statistics/taskCounter';

/** What the parts need that show others what this process is and does. */
interface ObservedParts {
  readonly records: RecordStore;
  readonly storeNow: () => Promise<number>;
  /** Absent where nothing is counted. */
  readonly counter: TaskCounter | undefined;
  readonly failureBook: FailureBook | undefined;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
}

/** Creates the parts of a store that show others what this process is and does, and this one what others do. */
export function observingParts({ records, storeNow, counter, failureBook, internalErrors, clock }: ObservedParts) {
  const beat = new ProcessBeat(makeWorkerId(), { records, internalErrors, clock });
  return {
    counter,
    beat,
    processes: new Processes({ records, beat }),
    statistics: new Statistics({ records, storeNow }),
    failures: new Failures(records),
    statisticsWriter:
      counter && failureBook && new StatisticsWriter({ processId: beat.id, records, storeNow, counter, failureBook, internalErrors, clock }),
  };
}
