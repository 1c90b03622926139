import type { WorkerOptions } from '../../config/optionTypes';
import type { WorkerNote } from '../../modules/roster/processRow';
import type { Clock } from '../../modules/time/clock';
import type { Emitter } from '../observe/emitter';
import type { Beating } from '../roster/processBeat';
import type { ClaimLoop } from './claimLoop';
import type { Handlers } from './handlers';
import type { Slots } from './slots';

/** The worker that a beat tells of. */
export interface BeatingWorker {
  readonly id: string;
  readonly options: Pick<WorkerOptions, 'queues' | 'maxConcurrency'>;
  readonly handlers: Handlers;
  readonly slots: Slots;
  readonly claims: ClaimLoop;
}

/** A worker as the row of its process shows it. */
export class WorkerBeat implements Beating {
  readonly #parts: { readonly events: Emitter; readonly clock: Clock };
  readonly #worker: BeatingWorker;

  constructor(parts: { readonly events: Emitter; readonly clock: Clock }, worker: BeatingWorker) {
    this.#parts = parts;
    this.#worker = worker;
  }

  note(): WorkerNote {
    const { id, options, handlers, slots } = this.#worker;
    const now = this.#parts.clock.monotonic();
    const running = [...slots.running].map((attempt) => {
      const { queue, name, attempt: number } = attempt.task;
      return { id: attempt.id, queue, name, attempt: number, forMs: Math.round(attempt.durationAt(now)) };
    });
    return { id, queues: options.queues, maxConcurrency: options.maxConcurrency, handles: handlers.names, running };
  }

  noteDraining(): void {
    const { id, slots, claims } = this.#worker;
    if (claims.takeNothing()) this.#parts.events.emit('worker-draining', { workerId: id, running: slots.running.size });
  }
}
