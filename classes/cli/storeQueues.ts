import { COUNTED_TASKS, HOUR, MINUTE, SECOND } from '../../constants/limits';
import { TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import type { BulkTold, QueueRow } from '../../modules/cli/backend';
import { isNamed } from '../../modules/ports/queuePatterns';
import type { ProcessView } from '../../modules/roster/processRow';
import { Queue } from '../queue/queue';
import type { Store } from '../store/store';

/** The time over which rates and times of a queue are taken. */
const RECENT_MS = HOUR;

/** What commands ask about the queues of a store. */
export class StoreQueues {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async queues(): Promise<readonly QueueRow[]> {
    const { tasks, settings } = this.#store.parts;
    const [counted, paused, processes] = await Promise.all([tasks.counts(TASK_STATES), settings.paused(), this.#store.processes.list()]);
    const names = [...new Set([...Object.keys(counted), ...paused])].sort();
    return Promise.all(names.map((name) => this.#row(name, paused, processes)));
  }

  async queue(name: string): Promise<QueueRow> {
    const [paused, processes] = await Promise.all([this.#store.parts.settings.paused(), this.#store.processes.list()]);
    return this.#row(name, paused, processes);
  }

  pause(queue: string): Promise<void> {
    return new Queue(this.#store, queue).pause();
  }

  resume(queue: string): Promise<void> {
    return new Queue(this.#store, queue).resume();
  }

  purge(queue: string, states: readonly TaskState[], tell: (told: BulkTold) => void, signal: AbortSignal): Promise<number> {
    return new Queue(this.#store, queue).purge({ states: [...states], onProgress: tell, signal });
  }

  redrive(queue: string, tell: (told: BulkTold) => void, signal: AbortSignal): Promise<number> {
    return new Queue(this.#store, queue).redrive({ onProgress: tell, signal });
  }

  async #row(name: string, paused: ReadonlySet<string>, processes: readonly ProcessView[]): Promise<QueueRow> {
    const { counts, atLeast, dueSince, now } = await this.#store.parts.tallies.of(name, COUNTED_TASKS);
    const { total } = await this.#store.statistics.read({ queue: name, from: new Date(now.getTime() - RECENT_MS), to: now, step: MINUTE });
    const { due, ...others } = counts;
    const shown = ({ count, p50, p95 }: { count: number; p50: number | null; p95: number | null }) => (count === 0 ? null : { p50, p95 });
    return {
      ...{ name, isPaused: paused.has(name), counts: { waiting: due, ...others } },
      atLeast: atLeast.map((key) => (key === 'due' ? 'waiting' : key)),
      oldestSeconds: dueSince && (now.getTime() - dueSince.getTime()) / SECOND,
      ratePerMinute: (total.succeeded + total.failed) / (RECENT_MS / MINUTE),
      ...{ wait: shown(total.wait), run: shown(total.run) },
      processes: processes.filter(({ workers }) => workers.some(({ queues }) => isNamed(queues, name))).length,
    };
  }
}
