import type { Database, ProgressBoard, ProgressReport, QueueSettings } from '../../classes/taskStore';
import { ReferenceStore } from './referenceStore';
import type { Now, ReferenceTables } from './referenceStore';

/** The settings of queues, as they are specified. */
export class ReferenceSettings implements QueueSettings {
  readonly #paused: Set<string>;

  constructor({ paused }: ReferenceTables) {
    this.#paused = paused;
  }

  paused(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(this.#paused));
  }

  setPaused(queue: string, paused: boolean): Promise<void> {
    if (paused) this.#paused.add(queue);
    else this.#paused.delete(queue);
    return Promise.resolve();
  }
}

/** What running tasks tell of themselves, as it is specified. */
export class ReferenceBoard implements ProgressBoard {
  readonly #tables: ReferenceTables;

  constructor(tables: ReferenceTables) {
    this.#tables = tables;
  }

  report(reports: readonly ProgressReport[]): Promise<void> {
    for (const { id, token, progress } of reports) {
      const entry = this.#tables.entries.get(id);
      if (entry?.task?.lease?.token === token) this.#tables.entries.set(id, { ...entry, task: { ...entry.task, progress } });
    }
    return Promise.resolve();
  }
}

/** Opens the tables as a database, by default with the store that is specified. */
export function openReference(tables: ReferenceTables, now: Now, Store = ReferenceStore): Database {
  const tasks = new Store(tables, now);
  return {
    url: 'memory:',
    tasks,
    progress: new ReferenceBoard(tables),
    settings: new ReferenceSettings(tables),
    checkSchema: () => Promise.resolve(),
    close: () => Promise.resolve(tasks.close()),
  };
}
