import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Progress } from './progress';
import { Tally } from './tally';
import type { Stage } from './work';

/** The order to a worker process at its start. */
export interface WorkerOrder {
  readonly system: string;
  readonly url: string;
  readonly maxConcurrency: number;
  readonly keep: boolean;
  /** The tasks that this process adds itself, one after the other, from the order to begin until that to be quiet: each so many-th from the first. */
  readonly adds?: AddsOrder;
}

export interface AddsOrder {
  readonly first: number;
  readonly step: number;
}

/** A message of a worker process. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  /** Sent when a process adds no more: the number of its adds, and the time that each took since the order to meter. */
  | { readonly kind: 'quiet'; readonly added: number; readonly waits: readonly number[] }
  | { readonly kind: 'settled'; readonly count: number; readonly at: number; readonly rssBytes: number }
  | {
      readonly kind: 'ended';
      readonly runs: Uint8Array;
      /** From the intended add of each task to the start of its handler, and the processor time, both since the order to meter. */
      readonly delays: readonly number[];
      readonly cpuMs: number;
    };

/** The listener for settled tasks of a fleet. */
export type Listener = (count: number, at: number, rssBytes: number) => void;

/** Worker processes on one store that start together. */
export class Fleet {
  readonly #children: readonly ChildProcess[];
  readonly #tally = new Tally();
  #listener: Listener = () => undefined;
  /** What the processes have metered, when they have ended: delays in milliseconds, and the processor time of each. */
  readonly delays: number[] = [];
  readonly cpuMs: number[] = [];
  /** What the processes have added themselves, when they are quiet. */
  readonly waits: number[] = [];
  added = 0;

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    for (const child of children) child.on('message', (report: WorkerReport) => this.#hear(report));
  }

  /** Starts processes. Resolves when each has opened its store. */
  static async start({ system, url, maxConcurrency }: Stage, processes: number, doesAdd = false): Promise<Fleet> {
    const order: WorkerOrder = { system, url, maxConcurrency, keep: false };
    const orderOf = (place: number): WorkerOrder => (doesAdd ? { ...order, adds: { first: place, step: processes } } : order);
    const path = join(__dirname, '../processes/worker.js');
    const children = Array.from({ length: processes }, (_, place) => fork(path, [JSON.stringify(orderOf(place))], { serialization: 'advanced' }));
    const fleet = new Fleet(children);
    await Promise.all(children.map((child) => hears(child, 'ready')));
    return fleet;
  }

  /** Starts claiming in all processes. */
  begin(listener: Listener): void {
    this.#listener = listener;
    for (const child of this.#children) child.send('begin');
  }

  /** Has all processes meter from now on. */
  meter(): void {
    for (const child of this.#children) child.send('meter');
  }

  /** Follows a backlog until it is drained. */
  async drain(tasks: number, capMs: number, listener: Listener = () => undefined): Promise<Progress> {
    const progress = new Progress(tasks, performance.timeOrigin + performance.now());
    this.begin((count, at, rssBytes) => {
      progress.note(count, at);
      listener(count, at, rssBytes);
    });
    await progress.until(capMs);
    return progress;
  }

  /** Has all processes add no more. Resolves when each has written its last task. */
  async quieten(): Promise<void> {
    const quiet = this.#children.map((child) => hears(child, 'quiet'));
    for (const child of this.#children) child.send('quiet');
    await Promise.all(quiet);
  }

  /** Ends all processes. Returns how often each task ran. */
  async stop(): Promise<Tally> {
    const ended = this.#children.map((child) => hears(child, 'ended'));
    for (const child of this.#children) child.send('end');
    await Promise.all(ended);
    return this.#tally;
  }

  #hear(report: WorkerReport): void {
    if (report.kind === 'settled') this.#listener(report.count, report.at, report.rssBytes);
    if (report.kind === 'quiet') {
      this.waits.push(...report.waits);
      this.added += report.added;
    }
    if (report.kind !== 'ended') return;
    this.#tally.add(report.runs);
    this.delays.push(...report.delays);
    this.cpuMs.push(report.cpuMs);
  }
}

const hears = (child: ChildProcess, kind: WorkerReport['kind']): Promise<void> =>
  new Promise((resolve, reject) => {
    // A process may exit before its last message is read. The channel disconnects only after it.
    const onGone = (): void => reject(new Error(`a worker process ended with ${String(child.exitCode ?? child.signalCode)}`));
    child.once('disconnect', onGone);
    child.on('message', (report: WorkerReport) => {
      if (report.kind !== kind) return;
      child.off('disconnect', onGone);
      resolve();
    });
  });
