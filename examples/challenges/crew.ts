import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Journal } from './journal';
import type { ServiceOrders } from './service/serviceProcess';

/** A process that works is spared for so long, and for as long as it took to start: if each were killed at once, nothing would ever be done. */
const SPARED_MS = 700;

/** The processes of the demonstration: the service, and workers that are started again when they are killed. */
export class Crew {
  kills = { worker: 0, service: 0 };
  readonly #orders: ServiceOrders;
  readonly #workerEnv: NodeJS.ProcessEnv;
  readonly #journal: Journal;
  #port = 0;
  #service: ChildProcess | undefined;
  readonly #workers: ChildProcess[] = [];
  /** When a process was started, and until when it is spared. */
  readonly #startedAt = new Map<ChildProcess, number>();
  readonly #sparedUntil = new Map<ChildProcess, number>();

  constructor(orders: ServiceOrders, workerEnv: NodeJS.ProcessEnv) {
    this.#orders = orders;
    this.#workerEnv = workerEnv;
    this.#journal = new Journal(orders.folder, 'crew');
  }

  get serviceUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts the service, on the same port each time. */
  async startService(): Promise<void> {
    const orders: ServiceOrders = { ...this.#orders, port: this.#port };
    const service = this.#start('service/serviceProcess', [JSON.stringify(orders)]);
    const told = await Promise.race([once(service, 'message'), once(service, 'exit').then(() => null)]);
    if (!told) throw new Error('The service did not start');
    this.#port = (told[0] as { readonly port: number }).port;
    this.#isReady('service', service);
    this.#service = service;
  }

  startWorkers(count: number): void {
    for (let at = 0; at < count; at += 1) this.#startWorker(at);
  }

  /** Runs a producer as its own program, as a scheduler would, until it ends with 0. */
  async produce(name: string): Promise<void> {
    for (let code: unknown = null; code !== 0;) [code] = (await once(this.#start('produce', [name], 'ignore'), 'exit')) as [unknown];
  }

  /** Kills the service, and starts it again. */
  async killService(): Promise<void> {
    const service = this.#service;
    if (!service || this.#isSpared(service)) return;
    this.#service = undefined;
    await this.#kill('service', service);
    await this.startService();
  }

  /** Kills the worker that has worked for the longest, and starts another in its place. */
  async killWorker(): Promise<void> {
    const until = (worker: ChildProcess): number => this.#sparedUntil.get(worker) ?? Infinity;
    const [oldest] = this.#workers.filter((worker) => !this.#isSpared(worker)).sort((one, other) => until(one) - until(other));
    if (!oldest) return;
    await this.#kill('worker', oldest);
    this.#startWorker(this.#workers.indexOf(oldest));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map(stop));
    if (this.#service) await stop(this.#service);
  }

  #isSpared(child: ChildProcess): boolean {
    return Date.now() < (this.#sparedUntil.get(child) ?? Infinity);
  }

  async #kill(what: 'worker' | 'service', child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    this.#sparedUntil.delete(child);
    this.kills[what] += 1;
    this.#journal.write({ did: 'killed', what, name: nameOf(what, child), at: Date.now() });
  }

  #startWorker(at: number): void {
    const worker = this.#start('workers/workerProcess', []);
    worker.once('message', () => this.#isReady('worker', worker));
    this.#workers[at] = worker;
  }

  #isReady(what: 'worker' | 'service', child: ChildProcess): void {
    const tookMs = Date.now() - (this.#startedAt.get(child) ?? 0);
    this.#sparedUntil.set(child, Date.now() + Math.max(SPARED_MS, tookMs));
    this.#journal.write({ did: 'started', what, name: nameOf(what, child), at: Date.now() });
  }

  #start(file: string, given: readonly string[], stderr: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
    const env = { ...process.env, ...this.#workerEnv, CHALLENGES_URL: this.serviceUrl, CHALLENGES_TOKEN: this.#orders.token };
    const child = fork(join(__dirname, `${file}.js`), given, { stdio: ['ignore', 'ignore', stderr, 'ipc'], env });
    this.#startedAt.set(child, Date.now());
    return child;
  }
}

const nameOf = (what: string, { pid }: ChildProcess): string => `${what}-${pid}`;

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
