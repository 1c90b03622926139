import { SingleBar } from 'cli-progress';
import type { CopyOptions } from '../../config/cliOptions';
import type { StoreOptions } from '../../config/optionTypes';
import { totalCounts } from '../../modules/task/counts';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { withUrlSource } from '../../modules/options/optionSource';
import { withoutSecrets } from '../../modules/ports/storeUrl';
import { storeIdentity } from '../../modules/ports/transitLease';
import { CopyProgress } from './copyProgress';
import { Copying } from './copying';
import type { CopyReport } from './copying';
import { openExistingStore, openStore } from '../store/openStore';
import type { Store } from '../store/store';
import { tellWarnings } from '../observe/tellWarnings';

/** The command `copy`: opens both stores, moves the tasks, and shows progress on the error stream. */
export class CopyCommand {
  readonly #options: CopyOptions;
  readonly #storeOptions: StoreOptions;
  readonly #output: NodeJS.WriteStream;

  /** @param storeOptions options of both stores. */
  constructor(options: CopyOptions, storeOptions: StoreOptions, output: NodeJS.WriteStream) {
    this.#options = options;
    this.#storeOptions = storeOptions;
    this.#output = output;
  }

  /**
   * Moves all waiting tasks once.
   *
   * @throws HOLDFAST_OPTION_INVALID if both URLs name the same store, HOLDFAST_FILE_UNUSABLE or
   * HOLDFAST_STORE_MISSING if there is no source.
   */
  async run(): Promise<CopyReport> {
    const { from, to } = this.#options;
    if (storeIdentity(withoutSecrets(from)) === storeIdentity(withoutSecrets(to))) {
      throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'copy.to', expected: 'the URL of another store than copy.from' });
    }
    return this.#withStore('--from', from, openExistingStore, (source) =>
      this.#withStore('--to', to, openStore, (target) => this.#copy(source, target)),
    );
  }

  async #copy(source: Store, target: Store): Promise<CopyReport> {
    const bar = this.#output.isTTY ? new SingleBar({ stream: this.#output, clearOnComplete: true }) : undefined;
    const { waiting } = totalCounts(Object.values(await source.parts.tasks.counts(['waiting'])));
    const progress = new CopyProgress(source.parts.clock, waiting, (line) => this.#output.write(`${line}\n`));
    bar?.start(waiting, 0);
    try {
      return await new Copying(source, target, {
        onMoved: (count) => (bar ? bar.increment(count) : progress.note(count)),
        onTaken: ({ id, queue, uniqueKey }) =>
          this.#output.write(
            `Left ${id} of the queue ${queue}: its id${uniqueKey === null ? '' : ` or its unique key ${uniqueKey}`} is taken there\n`,
          ),
      }).run();
    } finally {
      bar?.stop();
    }
  }

  async #withStore<T>(flag: string, url: string, open: (options: StoreOptions) => Promise<Store>, use: (store: Store) => Promise<T>): Promise<T> {
    const store = await withUrlSource(flag, () => open({ ...this.#storeOptions, url }));
    tellWarnings(store.events, this.#output);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Formats the report for the terminal. */
export function copySummary({ moved, paused, left, stays }: CopyReport): string {
  const lines = [
    `Moved ${counted(moved, 'task')}, and paused ${counted(paused, 'queue')} in the target; ${left.waiting} waiting and ${left.running} running tasks are left in the source`,
  ];
  if (stays.elsewhere > 0) lines.push(`${stays.elsewhere} live tasks of other namespaces stay; --namespace moves those of one`);
  if (stays.schedules > 0) lines.push(`${stays.schedules} schedules that were stored by a Scheduler stay; store them in the target anew`);
  return lines.join('\n');
}
