import { SIGNALS_A_TASK, SIGNALS_BYTES, TRANSIT_PREFIX } from '../../constants/limits';
import type { Namespace } from '../../modules/ports/namespace';
import type { Signal, SignalAnswer, SignalRequest, Step, StepStore, StepWrite } from '../../modules/ports/stepStore';
import type { HeldLease, TaskKey } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import { instantAfter } from '../../modules/time/instantAfter';
import type { Now } from './referenceStore';
import type { ReferenceTables } from './referenceTables';

/** The specification of durable steps. */
export class ReferenceSteps implements StepStore {
  readonly #tables: ReferenceTables;
  readonly #now: Now;
  readonly #namespace: Namespace;
  /** The ids of signals that were ever kept. */
  readonly #known = new Set<string>();

  constructor(tables: ReferenceTables, now: Now, namespace: Namespace) {
    this.#tables = tables;
    this.#now = now;
    this.#namespace = namespace;
  }

  read({ id }: TaskKey): Promise<Step[]> {
    return Promise.resolve([...this.#tables.stepsOf(id).steps]);
  }

  record(writes: readonly StepWrite[]): Promise<boolean[]> {
    return Promise.resolve(writes.map((write) => this.#record(write)));
  }

  take(request: SignalRequest): Promise<Step | null> {
    return Promise.resolve(this.#holds(request) ? this.#take(request) : null);
  }

  signal({ id, queue }: TaskKey, signal: Signal): Promise<SignalAnswer> {
    return Promise.resolve(this.#signal(id, queue, signal));
  }

  #record({ step: { end, ...step }, ...lease }: StepWrite): boolean {
    if (!this.#holds(lease)) return false;
    const until = end === null ? null : 'at' in end ? end.at : instantAfter(this.#now(), end.delayMs);
    this.#put(lease.id, { ...step, until });
    if (lease.clears) this.#change(lease.id, { failures: 0 });
    return true;
  }

  #take({ id, at, name, timeoutMs, clears }: SignalRequest): Step {
    const { steps, signals } = this.#tables.stepsOf(id);
    const before = steps.find((step) => step.at === at);
    if (before && before.kind !== 'wait') return before;
    const oldest = signals.find((signal) => signal.name === name);
    if (!oldest) {
      const until = timeoutMs === null ? null : instantAfter(this.#now(), timeoutMs);
      return before ?? this.#put(id, { at, name, kind: 'wait', value: null, until });
    }
    this.#tables.keepSteps(id, { signals: signals.filter((signal) => signal !== oldest) });
    if (clears) this.#change(id, { failures: 0 });
    return this.#put(id, { at, name, kind: 'signal', value: oldest.payload, until: null });
  }

  #signal(id: string, queue: string, signal: Signal): SignalAnswer {
    const task = this.#tables.entries.get(id)?.task;
    if (!task || task.queue !== this.#namespace.inside(queue) || task.lease?.token.startsWith(TRANSIT_PREFIX)) return 'missing';
    if (task.finishedAt !== null) return 'finished';
    const { signals, awaits } = this.#tables.stepsOf(id);
    if (!this.#known.has(signal.id)) {
      const bytes = [...signals, signal].reduce((sum, { name, payload }) => sum + Buffer.byteLength(name + payload), 0);
      if (signals.length >= SIGNALS_A_TASK || bytes > SIGNALS_BYTES) return 'full';
      this.#known.add(signal.id);
      this.#tables.keepSteps(id, { signals: [...signals, signal] });
    }
    const isAwaited = task.state === 'waiting' && awaits?.attempt === task.attempt && awaits.signals.includes(signal.name);
    if (!isAwaited) return 'kept';
    this.#change(id, { availableAt: new Date(Math.min(this.#now(), task.availableAt.getTime())), rev: task.rev + 1 });
    return 'woke';
  }

  #put(id: string, step: Step): Step {
    const others = this.#tables.stepsOf(id).steps.filter(({ at }) => at !== step.at);
    this.#tables.keepSteps(id, { steps: [...others, step].sort((a, b) => a.at - b.at) });
    return step;
  }

  #change(id: string, fields: Partial<Task>): void {
    const entry = this.#tables.entries.get(id);
    if (entry?.task) this.#tables.entries.set(id, { ...entry, task: { ...entry.task, ...fields } });
  }

  #holds({ id, token }: HeldLease): boolean {
    return this.#tables.entries.get(id)?.task?.lease?.token === token;
  }
}
