import { importPeer } from './common';
import type { Client, Payload, System, WorkerAsk, Working } from './system';

interface AgendaJob {
  readonly attrs: { readonly data: Payload };
}

/** The used part of Agenda's API. */
interface Agenda {
  readonly ready: Promise<void>;
  define(name: string, run: (job: AgendaJob) => Promise<unknown>, options: object): void;
  now(name: string, data: Payload): Promise<unknown>;
  schedule(when: Date, name: string, data: Payload): Promise<unknown>;
  on(event: 'complete', listener: () => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

type AgendaModule = { readonly Agenda: new (options: object) => Agenda };
type BackendModule = { readonly MongoBackend: new (options: object) => { disconnect(): Promise<void> } };

const durable = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}w=majority&journal=true`;

async function open(url: string, tuned: boolean): Promise<Client> {
  const [{ Agenda }, { MongoBackend }] = await Promise.all([
    importPeer<AgendaModule>('agenda'),
    importPeer<BackendModule>('@agendajs/mongo-backend'),
  ]);
  const backend = new MongoBackend({ address: durable(url) });
  const agenda = new Agenda({ backend, ...(tuned ? { processEvery: 20 } : {}) });
  await agenda.ready;
  let started = false;
  return {
    add: ({ payload, delayMs }) => (delayMs ? agenda.schedule(new Date(Date.now() + delayMs), 'measure', payload) : agenda.now('measure', payload)),
    work: (ask) => {
      started = true;
      return work(agenda, ask, tuned);
    },
    close: async () => {
      if (started) await agenda.stop();
      await backend.disconnect().catch(() => undefined);
    },
  };
}

async function work(agenda: Agenda, { maxConcurrency, keep, handler, onSettled }: WorkerAsk, tuned: boolean): Promise<Working> {
  const limits = tuned ? { concurrency: maxConcurrency, lockLimit: 2 * maxConcurrency } : {};
  agenda.define('measure', ({ attrs }) => Promise.resolve(attrs.data).then(handler), { ...limits, removeOnComplete: !keep });
  agenda.on('complete', () => onSettled(1));
  await agenda.start();
  return {
    stop: () => {
      // Agenda closes its connection while jobs still run, and nothing catches their errors.
      process.on('unhandledRejection', () => undefined);
      return agenda.stop();
    },
  };
}

const works = ['add-one', 'add-one-100', 'drain', 'drain-10', 'drain-100', 'drain-5ms', 'drain-kept', 'drain-failing', 'pick-up', 'pick-up-other'];

export const agenda: readonly System[] = [
  {
    name: 'agenda',
    server: 'mongodb',
    isPeer: true,
    mostTasks: 10_000,
    settings: 'processEvery 20 ms, concurrency 20, lockLimit 40, w: majority, j: true',
    // Of 10,000 tasks it drains 480 a second with 20 at once, and 90 with 100. Without a lock limit it locks all tasks before it runs the first.
    maxConcurrency: 20,
    works,
    open: (url) => open(url, true),
  },
  {
    name: 'agenda-defaults',
    server: 'mongodb',
    isPeer: true,
    mostTasks: 2_000,
    settings: 'defaults (concurrency 5, processEvery 5 s), w: majority, j: true',
    maxConcurrency: 5,
    works: ['drain', 'pick-up'],
    open: (url) => open(url, false),
  },
];
