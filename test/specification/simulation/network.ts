import { namespaceOf } from '../../../modules/ports/namespace';
import { LOOK } from '../../../modules/ports/hint';
import type { TaskSearch } from '../../../modules/ports/taskSearch';
import type { Hint } from '../../../modules/ports/hint';
import type { BulkCount, BulkPart } from '../../../modules/ports/bulk';
import type { QueueTallies, QueueTally } from '../../../modules/ports/queueTally';
import type { DueQueue } from '../../../modules/ports/queueLook';
import type { KeptFollowUps } from '../../../modules/ports/followUpStore';
import type { CarriedSteps, SignalAnswer, Step, StepStore } from '../../../modules/ports/stepStore';
import type { ClaimRequest, TaskStore, Unwatch } from '../../../modules/ports/taskStore';
import type { Database } from '../../../modules/ports/database';
import type { Random } from '../../../modules/time/clock';
import { HoldfastError } from '../../../modules/errors/holdfastError';
import { ReferenceFifo } from '../referenceFifo';
import { ReferenceMessages, ReferenceRecords } from '../referenceMessages';
import { ReferenceSchedules } from '../referenceSchedules';
import { ReferenceTables } from '../referenceTables';
import type { SimulatedProcess } from './simulatedProcess';
import type { VirtualTime } from './virtualTime';

/** The probability of each fault of a call. */
export interface Weather {
  /** Request and answer take up to two call time-outs together. */
  readonly slow: number;
  /** The call fails and is not carried out. */
  readonly refused: number;
  /** The call is carried out and then fails. */
  readonly lost: number;
  /** The call fails and is carried out some time later. */
  readonly late: number;
  /** The call is never answered. Half of the time it is carried out. */
  readonly silent: number;
}

export const CALM: Weather = Object.freeze({ slow: 0, refused: 0, lost: 0, late: 0, silent: 0 });

type Fate = keyof Weather | 'fine';

/** A call that has reached the server. */
export interface Call {
  readonly process: SimulatedProcess;
  readonly verb: string;
  readonly given: readonly unknown[];
}

export interface Server {
  handle(call: Call): Promise<unknown>;
}

const VERBS = ['insert', 'claim', 'held', 'renew', 'settle', 'expired', 'find', 'list', 'counts', 'nextDueMs', 'prune'] as const;

/** The verbs that send a hint to other processes. */
const WRITES: readonly string[] = ['insert', 'settle', 'handOver'];

const talliesBy = (ask: (verb: string) => (given: readonly unknown[]) => Promise<unknown>): QueueTallies => ({
  atOnce: 1,
  of: (...given) => ask('of')(given) as Promise<QueueTally>,
  before: (...given) => ask('before')(given) as Promise<BulkCount>,
});

/**
 * The network between the processes and the store: every call takes time, and may fail before or after it is carried out.
 *
 * It keeps the assumptions of the port: a claim is carried out at most its `deadlineMs` after it failed, any other call at most its time-out.
 */
export class Network {
  weather: Weather = CALM;
  /** The one verb that faults affect; null for all verbs. */
  befallen: string | null = null;
  /** True while nothing gets through. */
  isDown = false;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #server: Server;
  readonly #callTimeoutMs: number;
  readonly #watchers = new Set<{ readonly process: SimulatedProcess; readonly onHint: (hint: Hint) => void }>();

  constructor(time: VirtualTime, random: Random, server: Server, callTimeoutMs: number) {
    this.#time = time;
    this.#random = random;
    this.#server = server;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** Returns the database as one process sees it. */
  connect(process: SimulatedProcess): Database {
    const ask = (verb: string) => (given: readonly unknown[]) => this.#ask({ process, verb, given });
    const verbs = VERBS.map((verb) => [verb, (...given: unknown[]) => ask(verb)(given)]);
    return {
      ...{ url: 'memory:', looksPerSecond: 5 },
      tasks: { ...Object.fromEntries(verbs), watch: (onHint) => this.#watch(process, onHint) } as TaskStore,
      looks: { due: (...given) => ask('due')(given) as Promise<DueQueue[]>, names: () => Promise.reject(new Error('it lists no queues')) },
      progress: { report: (...given) => ask('report')(given) as Promise<void> },
      bulk: {
        partMs: 20,
        idsAtOnce: 1_000,
        count: (...given) => ask('count')(given) as Promise<BulkCount>,
        now: () => ask('now')([]) as Promise<Date>,
        placeAfter: (...given) => ask('placeAfter')(given) as Promise<string | null>,
        change: (...given) => ask('change')(given) as Promise<BulkPart>,
      },
      ...{ tallies: talliesBy(ask), steps: stepsBy(ask) },
      settings: {
        paused: () => ask('paused')([]) as Promise<ReadonlySet<string>>,
        setPaused: (...given) => ask('setPaused')(given) as Promise<void>,
      },
      transit: {
        hold: (...given) => ask('hold')(given) as Promise<void>,
        carried: (...given) => ask('carried')(given) as Promise<CarriedSteps[]>,
        place: (...given) => ask('place')(given) as Promise<void>,
        release: (...given) => ask('release')(given) as Promise<void>,
      },
      followUps: {
        kept: (...given) => ask('kept')(given) as Promise<KeptFollowUps[]>,
        handOver: (...given) => ask('handOver')(given) as Promise<(readonly boolean[] | null)[]>,
      },
      ...{ ...unsimulated(() => this.#time.now), search: NO_SEARCH, checkSchema: () => Promise.resolve() },
      liveElsewhere: () => Promise.resolve(0),
      close: () => Promise.resolve(),
    };
  }

  #ask(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { process, verb } = call;
      const fate = this.#fateOf(verb);
      const slowMs = fate === 'slow' ? this.#random() * 2 * this.#callTimeoutMs : 0;
      const outMs = 0.2 + this.#random() * 3 + slowMs * this.#random();
      const backMs = 0.2 + this.#random() * 3 + slowMs - slowMs * this.#random();
      const fail = (): void => reject(new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { field: verb }));
      const answer = (settle: () => void): void => void (fate !== 'silent' && this.#time.after(backMs, process, settle));
      const carryOut = async (): Promise<void> => {
        if (this.isDown) return answer(fail);
        try {
          const value = await this.#server.handle(call);
          answer(() => (fate === 'lost' ? fail() : resolve(value)));
          if (WRITES.includes(verb)) this.#hint(process);
        } catch (error) {
          answer(() => reject(error));
        }
      };
      if (fate === 'refused' || fate === 'late') this.#time.after(outMs, process, fail);
      if (fate === 'refused' || (fate === 'silent' && this.#random() < 0.5)) return;
      this.#time.after(fate === 'late' ? outMs + this.#random() * this.#longestMs(call) : outMs, null, () => void carryOut());
    });
  }

  /** Returns how long after its failure a call may still be carried out. */
  #longestMs({ verb, given }: Call): number {
    return verb === 'claim' ? (given[0] as ClaimRequest).deadlineMs : this.#callTimeoutMs;
  }

  #fateOf(verb: string): Fate {
    if (this.isDown) return this.#random() < 0.5 ? 'refused' : 'silent';
    if (this.befallen !== null && this.befallen !== verb) return 'fine';
    let left = this.#random();
    for (const [fate, likelihood] of Object.entries(this.weather) as [keyof Weather, number][]) {
      left -= likelihood;
      if (left < 0) return fate;
    }
    return 'fine';
  }

  #watch(process: SimulatedProcess, onHint: (hint: Hint) => void): Unwatch {
    const watcher = { process, onHint };
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Sends a hint to the other processes. One in five is lost. */
  #hint(writer: SimulatedProcess): void {
    for (const watcher of this.#watchers) {
      if (watcher.process === writer || this.#random() < 0.2) continue;
      this.#time.after(this.#random() * 20, watcher.process, () => this.#watchers.has(watcher) && watcher.onHint(LOOK));
    }
  }
}

/** The port of steps, of which each verb is asked for. */
const stepsBy = (ask: (verb: string) => (given: readonly unknown[]) => Promise<unknown>): StepStore => ({
  read: (...given) => ask('read')(given) as Promise<Step[]>,
  record: (...given) => ask('record')(given) as Promise<boolean[]>,
  take: (...given) => ask('take')(given) as Promise<Step | null>,
  signal: (...given) => ask('signal')(given) as Promise<SignalAnswer>,
});

/** A search finds nothing here. */
const NO_SEARCH: TaskSearch = {
  look: () => Promise.resolve({ tasks: [], looked: 0, next: null }),
};

/** Searches, schedules, moves, FIFO queues and records are not simulated. */
const unsimulated = (now: () => number) => ({
  schedules: new ReferenceSchedules(new ReferenceTables(), now, namespaceOf()),
  messages: new ReferenceMessages(new ReferenceTables(), now, namespaceOf()),
  fifo: new ReferenceFifo(new ReferenceTables(), now, namespaceOf()),
  records: new ReferenceRecords(new ReferenceTables(), now, namespaceOf()),
});
