import type { Database } from '../../modules/ports/database';
import type { ProgressBoard, ProgressReport } from '../../modules/ports/progressBoard';
import type { QueueSettings } from '../../modules/ports/queueSettings';
import type { CarriedSteps } from '../../modules/ports/stepStore';
import type { TaskKey } from '../../modules/ports/taskStore';
import type { Transit, TransitLease } from '../../modules/ports/transit';
import { TRANSIT_PREFIX } from '../../constants/limits';
import { LIVE_STATES } from '../../constants/states';
import { namespaceOf } from '../../modules/ports/namespace';
import type { Namespace } from '../../modules/ports/namespace';
import type { Task } from '../../modules/task/task';
import { endlessLease } from '../../modules/ports/transitLease';
import { ReferenceBulk, ReferenceTallies } from './referenceBulk';
import { ReferenceFifo } from './referenceFifo';
import { ReferenceFollowUps } from './referenceFollowUps';
import { ReferenceMessages, ReferenceRecords } from './referenceMessages';
import { ReferenceSchedules } from './referenceSchedules';
import { ReferenceSearch } from './referenceSearch';
import { ReferenceSteps } from './referenceSteps';
import { ReferenceStore } from './referenceStore';
import type { Now } from './referenceStore';
import type { ReferenceTables } from './referenceTables';

/** The specification of queue settings. */
export class ReferenceSettings implements QueueSettings {
  readonly #paused: Set<string>;
  readonly #namespace: Namespace;

  constructor({ paused }: ReferenceTables, namespace: Namespace) {
    this.#paused = paused;
    this.#namespace = namespace;
  }

  paused(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set([...this.#paused].filter(this.#namespace.owns).map(this.#namespace.outside)));
  }

  setPaused(queue: string, paused: boolean): Promise<void> {
    if (paused) this.#paused.add(this.#namespace.inside(queue));
    else this.#paused.delete(this.#namespace.inside(queue));
    return Promise.resolve();
  }
}

/** The specification of progress reports. */
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

/** The specification of the transit of waiting tasks to another store. */
export class ReferenceTransit implements Transit {
  readonly #tables: ReferenceTables;
  readonly #namespace: Namespace;

  constructor(tables: ReferenceTables, namespace: Namespace) {
    this.#tables = tables;
    this.#namespace = namespace;
  }

  hold(tasks: readonly Pick<Task, 'id' | 'rev'>[], lease: TransitLease): Promise<void> {
    for (const { id, rev } of tasks) {
      this.#replace(id, (task) => (task.state === 'waiting' && task.rev === rev ? { ...task, state: 'running', lease: endlessLease(lease) } : task));
    }
    return Promise.resolve();
  }

  carried(tasks: readonly TaskKey[]): Promise<CarriedSteps[]> {
    return Promise.resolve(tasks.flatMap(({ id }) => this.#tables.entries.get(id)?.steps ?? []));
  }

  place(tasks: readonly Task[], lease: TransitLease, carried: readonly CarriedSteps[] = []): Promise<void> {
    const { entries } = this.#tables;
    for (const given of tasks) {
      const task = { ...given, queue: this.#namespace.inside(given.queue) };
      if (entries.get(task.id)?.settledBy?.startsWith(TRANSIT_PREFIX) && !entries.get(task.id)?.task) entries.delete(task.id);
      if (entries.has(task.id) || this.#tables.twinOf(task)) continue;
      entries.set(task.id, { task: { ...task, state: 'running', lease: endlessLease(lease) }, settledBy: null, expireAtMs: null });
      const steps = carried.find(({ id }) => id === task.id);
      if (steps) this.#tables.keepSteps(task.id, steps);
    }
    return Promise.resolve();
  }

  release(tasks: readonly TaskKey[], token: string): Promise<void> {
    for (const { id } of tasks) {
      this.#replace(id, (task) => (task.lease?.token === token ? { ...task, state: 'waiting', rev: task.rev + 1, lease: null } : task));
    }
    return Promise.resolve();
  }

  #replace(id: string, change: (task: Task) => Task): void {
    const entry = this.#tables.entries.get(id);
    if (entry?.task) this.#tables.entries.set(id, { ...entry, task: change(entry.task) });
  }
}

/** Opens the tables as a database, by default with the specified store and without a namespace. */
export function openReference(tables: ReferenceTables, now: Now, Store = ReferenceStore, namespace = namespaceOf()): Database {
  const tasks = new Store(tables, now, namespace);
  return {
    url: 'memory:',
    looksPerSecond: 5,
    tasks,
    looks: {
      due: (queues) => tasks.due(queues),
      names: () => Promise.resolve([...new Set(tables.tasks.map(({ queue }) => queue))].filter(namespace.owns).map(namespace.outside)),
    },
    search: new ReferenceSearch(tasks, namespace),
    bulk: new ReferenceBulk(tasks, namespace),
    tallies: new ReferenceTallies(tasks, namespace),
    progress: new ReferenceBoard(tables),
    settings: new ReferenceSettings(tables, namespace),
    transit: new ReferenceTransit(tables, namespace),
    messages: new ReferenceMessages(tables, now, namespace),
    fifo: new ReferenceFifo(tables, now, namespace),
    records: new ReferenceRecords(tables, now, namespace),
    followUps: new ReferenceFollowUps(tasks, namespace),
    steps: new ReferenceSteps(tables, now, namespace),
    schedules: new ReferenceSchedules(tables, now, namespace),
    checkSchema: () => Promise.resolve(),
    liveElsewhere: () => {
      const isElsewhere = ({ queue, state }: Task): boolean => LIVE_STATES.some((live) => live === state) && !namespace.owns(queue);
      return Promise.resolve(tables.tasks.filter(isElsewhere).length);
    },
    close: () => Promise.resolve(tasks.close()),
  };
}
