import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Habit } from './consumer';

/** The visibility timeout of the demonstration, in seconds: short, so that one sees it end. */
const VISIBILITY = 2;

const PRODUCERS = 2;

/** The habits of consumers, in turn. */
const HABITS: readonly Habit[] = ['steady', 'forgetful', 'slow', 'stale'];

/** The processes of the demonstration: one broker, producers, and consumers that are started again when they are killed. */
export class Crew {
  url = '';
  consumerKills = 0;
  brokerKills = 0;
  readonly #folder: string;
  readonly #store: string;
  readonly #isBroken: boolean;
  #port = 0;
  #broker: ChildProcess | undefined;
  readonly #producers: ChildProcess[] = [];
  readonly #consumers: (ChildProcess | undefined)[] = [];
  #started = 0;

  constructor(folder: string, store: string, isBroken: boolean) {
    this.#folder = folder;
    this.#store = store;
    this.#isBroken = isBroken;
  }

  /** Starts the broker, on the same port each time. */
  async startBroker(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    const broker = this.#fork('brokerProcess', [this.#store, this.#port, VISIBILITY, this.#isBroken]);
    const told = await Promise.race([once(broker, 'message'), once(broker, 'exit').then(() => null)]);
    if (!told) throw new Error('The broker did not start');
    this.url = (told[0] as { readonly url: string }).url;
    this.#broker = broker;
  }

  /** Kills the broker, unless it is just starting, and starts it again. */
  async killBroker(): Promise<void> {
    const broker = this.#broker;
    if (!broker) return;
    this.#broker = undefined;
    broker.kill('SIGKILL');
    await once(broker, 'exit');
    this.brokerKills += 1;
    await this.startBroker();
  }

  startProducers(perSecond: number): void {
    for (let at = 0; at < PRODUCERS; at += 1)
      this.#producers.push(this.#fork('producer', [this.url, this.#folder, `producer-${at}`, perSecond / PRODUCERS]));
  }

  startConsumers(count: number): void {
    for (let at = 0; at < count; at += 1) this.#startConsumer(at);
  }

  /** Kills a consumer, and starts another in its place. */
  killConsumer(): void {
    const at = this.consumerKills % this.#consumers.length;
    const consumer = this.#consumers[at];
    if (!consumer) return;
    this.consumerKills += 1;
    consumer.kill('SIGKILL');
    this.#startConsumer(at);
  }

  async stopProducers(): Promise<void> {
    await Promise.all(this.#producers.map(stop));
  }

  async stopConsumers(): Promise<void> {
    await Promise.all(this.#consumers.flatMap((consumer) => (consumer ? [stop(consumer)] : [])));
  }

  async stopBroker(): Promise<void> {
    if (this.#broker) await stop(this.#broker);
  }

  #startConsumer(at: number): void {
    this.#started += 1;
    const habit = HABITS[at % HABITS.length] ?? 'steady';
    this.#consumers[at] = this.#fork('consumer', [this.url, this.#folder, `consumer-${at}-${this.#started}`, habit, VISIBILITY]);
  }

  #fork(name: string, given: readonly unknown[]): ChildProcess {
    return fork(join(__dirname, `${name}.js`), given.map(String), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
