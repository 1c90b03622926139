import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { HttpConnection } from './httpConnection';
import { BODY, bodyOf, JsonLane } from './messageServer';
import type { Held, Lane, MessageServer, MessageServers } from './messageServer';
import type { Client, System } from './system';

/** The order to a server process at its start: a broker on a store, or a bare echo. */
export interface ServerOrder {
  readonly url?: string;
  readonly queues: readonly string[];
}

export type ServerReport = { readonly port: number } | { readonly cpuMs: number };

const IDLE_WORKS = ['broker-idle-10', 'broker-idle-1000'];
const PROCESS_WORKS = ['broker-processes-1', 'broker-processes-2', 'broker-processes-4'];

const overHttpOnly = (): Promise<never> => Promise.reject(new Error('the system is measured over HTTP only'));

/** A system that only works over HTTP measure. */
export const httpClient = (messages: MessageServers): Client => ({ add: overHttpOnly, work: overHttpOnly, close: () => Promise.resolve(), messages });

/** Starts a server in a process of its own. */
export async function startProcess(order: ServerOrder): Promise<{ readonly port: number } & Pick<MessageServer, 'cpuMs' | 'stop'>> {
  const child = fork(join(__dirname, '../processes/messageServer.js'), { stdio: ['ignore', 2, 2, 'ipc'], execArgv: profiling() });
  child.send(order);
  const { port } = await hears(child, (report) => ('port' in report ? report : undefined));
  const cpuMs = async (): Promise<number> => {
    child.send('meter');
    return (await hears(child, (report) => ('cpuMs' in report ? report : undefined))).cpuMs;
  };
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.send('end');
    await ended;
  };
  return { port, cpuMs, stop };
}

/** Returns the arguments that write a profile of each server into a folder, if the variable names one. */
const profiling = (): string[] => {
  const folder = process.env['BENCH_PROFILES'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
};

function hears<T>(child: ChildProcess, read: (report: ServerReport) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error(`the server process ended with ${String(child.exitCode ?? child.signalCode)}`));
    const hear = (report: ServerReport): void => {
      const wanted = read(report);
      if (wanted === undefined) return;
      child.off('message', hear).off('disconnect', gone);
      resolve(wanted);
    };
    child.on('message', hear).once('disconnect', gone);
  });
}

const BODY_TEXT = JSON.stringify({ body: BODY });
const sent = (count: number): string => (count === 1 ? BODY_TEXT : `{"messages":[${Array.from({ length: count }, () => BODY_TEXT).join()}]}`);

/** The broker's API. */
function brokerLane(connection: HttpConnection, queue: string): Lane {
  const json = new JsonLane(connection);
  const path = `/v1/queues/${queue}`;
  return {
    send: async (count) => {
      const answer = bodyOf(await json.post(`${path}/messages`, sent(count))) as { messages?: readonly { id?: string }[] };
      if (answer.messages?.some(({ id }) => id === undefined)) throw new Error('a message was refused');
    },
    receive: async (max, waitSeconds) => {
      const answer = bodyOf(await json.post(`${path}/receive`, JSON.stringify({ max, waitSeconds, visibilityTimeoutSeconds: 300 })));
      return (answer as { messages: readonly Held[] }).messages;
    },
    ack: async (held) => {
      const [first] = held;
      if (held.length === 1) return void (await json.post(`${path}/ack`, JSON.stringify({ receipt: first?.receipt })));
      const answer = bodyOf(await json.post(`${path}/ack`, JSON.stringify({ entries: held.map(({ receipt }) => ({ receipt })) })));
      if ((answer as { results: readonly { ok?: boolean }[] }).results.some(({ ok }) => !ok)) throw new Error('an ack was refused');
    },
    close: () => json.close(),
  };
}

/** A bare echo: each request is answered with its body, whatever is asked. */
function echoLane(connection: HttpConnection): Lane {
  const json = new JsonLane(connection);
  return {
    send: async () => void bodyOf(await json.post('/', BODY_TEXT)),
    receive: () => Promise.resolve([]),
    ack: () => Promise.resolve(),
    close: () => json.close(),
  };
}

const serversOf = (url: string | undefined, laneOf: (connection: HttpConnection, queue: string) => Lane): MessageServers => ({
  start: async (queues) => {
    const server = await startProcess({ ...(url === undefined ? {} : { url }), queues });
    return { ...server, connect: async (queue) => laneOf(await HttpConnection.open(server.port), queue) };
  },
});

export const httpServers: readonly System[] = [
  {
    ...{ name: 'http-echo', server: 'sqlite', settings: 'Fastify, one route that answers with its body', works: ['broker-rates'] },
    open: () => Promise.resolve(httpClient(serversOf(undefined, echoLane))),
  },
  {
    ...{ name: 'http-sqlite', server: 'sqlite', settings: 'defaults (durability full)', works: ['broker-rates', ...IDLE_WORKS] },
    open: (url) => Promise.resolve(httpClient(serversOf(url, brokerLane))),
  },
  {
    ...{ name: 'http-mongodb', server: 'mongodb', settings: 'defaults', works: ['broker-rates', ...PROCESS_WORKS, ...IDLE_WORKS] },
    open: (url) => Promise.resolve(httpClient(serversOf(url, brokerLane))),
  },
];
