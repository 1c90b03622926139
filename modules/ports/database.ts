import type { HoldfastEvents } from '../../constants/events';
import type { Bulk } from './bulk';
import type { FifoStore } from './fifoStore';
import type { FollowUpStore } from './followUpStore';
import type { MessageStore } from './messageStore';
import type { ProgressBoard } from './progressBoard';
import type { QueueLook } from './queueLook';
import type { QueueTallies } from './queueTally';
import type { QueueSettings } from './queueSettings';
import type { RecordStore } from './recordStore';
import type { ScheduleStore } from './scheduleStore';
import type { StepStore } from './stepStore';
import type { TaskSearch } from './taskSearch';
import type { TaskStore } from './taskStore';
import type { Transit } from './transit';

/** What whoever opened a database should know of it. */
export type StoreWarning = Omit<HoldfastEvents['store-warning'], 'url'>;

/** A database: its ports, and its end. */
export interface Database {
  readonly tasks: TaskStore;
  readonly bulk: Bulk;
  readonly tallies: QueueTallies;
  readonly progress: ProgressBoard;
  readonly looks: QueueLook;
  readonly settings: QueueSettings;
  readonly schedules: ScheduleStore;
  readonly transit: Transit;
  readonly messages: MessageStore;
  readonly fifo: FifoStore;
  readonly records: RecordStore;
  readonly followUps: FollowUpStore;
  readonly steps: StepStore;
  readonly search: TaskSearch;

  /** The URL without its secrets. */
  readonly url: string;

  readonly warnings?: readonly StoreWarning[];

  /** The most looks a second that an idle process makes in vain. A look costs microseconds on a file, and a command on a server. */
  readonly looksPerSecond: number;

  /**
   * Refuses a database that a newer release has changed since it was opened.
   *
   * @throws HOLDFAST_STORE_NEWER
   */
  checkSchema(): Promise<void>;

  /** Counts the live tasks of other namespaces. */
  liveElsewhere(): Promise<number>;

  close(): Promise<void>;
}
