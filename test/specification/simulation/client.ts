import { Queue } from '../../../classes/queue/queue';
import type { Store } from '../../../classes/store/store';
import type { TaskOptions } from '../../../config/optionTypes';
import { KINDS } from './behaviours';
import type { Kind } from './behaviours';
import type { SimulatedProcess } from './simulatedProcess';

const TASKS = 24;
const INTERVENTIONS = 10;

/** A process that adds tasks and changes them by hand. It meets the same faults as the others and goes on. */
export class Client {
  readonly #process: SimulatedProcess;
  readonly #queues: readonly Queue[];
  readonly #onAdded: (id: string) => void;
  readonly #ids: string[] = [];

  constructor(store: Store, process: SimulatedProcess, onAdded: (id: string) => void) {
    this.#process = process;
    this.#queues = ['a', 'b'].map((name) => new Queue(store, name));
    this.#onAdded = onAdded;
  }

  /** Spreads its work over a span of time. */
  begin(withinMs: number, poisons: number): void {
    const { clock, random } = this.#process;
    for (let task = 0; task < TASKS; task += 1) {
      const kind = task < poisons ? 'poison' : this.#pick(KINDS.slice(0, -1));
      clock.after(random() * random() * withinMs, () => void this.#add(kind));
    }
    for (let turn = 0; turn < INTERVENTIONS; turn += 1) clock.after(random() * withinMs, () => void this.#intervene());
  }

  /** Resumes the queues, so that all tasks can end. */
  end(): void {
    for (const queue of this.#queues) void queue.resume();
  }

  async #add(kind: Kind): Promise<void> {
    await this.#try(async () => {
      const { id } = await this.#pick(this.#queues).add('work', kind, this.#options());
      this.#onAdded(id);
      this.#ids.push(id);
    });
  }

  #options(): TaskOptions {
    const { random } = this.#process;
    const sometimes = <T extends object>(likelihood: number, options: T): T | object => (random() < likelihood ? options : {});
    return {
      maxRetries: 1 + Math.floor(random() * 4),
      priority: Math.floor(random() * 3),
      backoff: { type: 'exponential', minMs: 100, maxMs: 2_000 },
      ...sometimes(0.3, { delayMs: Math.floor(random() * 8_000) }),
      ...sometimes(0.3, { leaseMs: this.#pick([1_500, 8_000]) }),
      ...sometimes(0.2, { timeoutMs: 2_000 }),
      ...sometimes(0.2, { uniqueKey: this.#pick(['one', 'two']) }),
      ...sometimes(0.2, { retention: { succeededMs: 0, deadMs: 0 } }),
    };
  }

  async #intervene(): Promise<void> {
    const queue = this.#pick(this.#queues);
    const id = this.#ids.length === 0 ? undefined : this.#pick(this.#ids);
    const deeds = [
      () => queue.pause(),
      () => queue.resume(),
      () => queue.redrive(),
      () => queue.purge({ states: ['succeeded'] }),
      ...(id === undefined
        ? []
        : [() => queue.cancel(id), () => queue.cancel(id), () => queue.retry(id), () => queue.redrive(id), () => queue.remove(id)]),
    ];
    await this.#try(this.#pick<() => Promise<unknown>>(deeds));
  }

  /** Ignores a call that a fault of the store has prevented. */
  async #try(deed: () => Promise<unknown>): Promise<void> {
    await deed().catch(() => undefined);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#process.random() * from.length)] as T;
  }
}
