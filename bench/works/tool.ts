import { Queue } from '../../index';
import { sleep } from '../systems/common';
import { startProcess } from '../systems/httpServers';
import { serverCpu } from './idleForeign';
import { opened } from './openedStore';
import { fillQueues, finishedIdIn, TOOL_QUEUES, toolQueue } from './toolFilling';
import { HOLDFASTS, instant, median, quantile } from './work';
import type { Reading, Stage, Work } from './work';

const NAME = 'tool';
const MILLION = 1_000_000;

/** Repetitions of a request. Some are as far apart as a person's, so that what the server keeps for a while is read again. */
const REPETITIONS = { quick: 5, full: 100 } as const;
const PAUSE_MS = 50;

/** Tasks that are added a second beside an open page, and the time in which the page is watched. */
const ADDS_A_SECOND = 10;
const WATCH_MS = { quick: 3_000, full: 30_000 } as const;

/** The goals hold for requests that an index serves; a text of payloads is looked for among 5,000 tasks of a page. */
const requestsOf = (finishedId: string): Readonly<Record<string, string>> => ({
  overview: '/v1/admin/overview',
  'queue page': `/v1/admin/queues/${toolQueue(7)}`,
  task: `/v1/admin/tasks/${finishedId}`,
  'search all': '/v1/admin/tasks',
  'search state:dead': '/v1/admin/tasks?q=state:dead',
  'search state:waiting': '/v1/admin/tasks?q=state:waiting',
  'search state:succeeded': '/v1/admin/tasks?q=state:succeeded',
  'search queue and state': `/v1/admin/tasks?q=queue:${toolQueue(7)}+state:dead`,
  'search id': `/v1/admin/tasks?q=id:${finishedId}`,
  'search key': '/v1/admin/tasks?q=key:unknown+state:waiting',
  'count state:dead': '/v1/admin/tasks/count?q=state:dead',
  failures: '/v1/admin/failures',
  processes: '/v1/admin/processes',
  statistics: '/v1/admin/statistics',
});

type Server = Awaited<ReturnType<typeof startProcess>>;

async function ask({ port }: Server, path: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text.slice(0, 300)}`);
}

const reading = (what: string, value: number): Reading => ({ name: `${NAME} ${what}`, unit: 'ms', value });

/** Asks for everything in turn, as often as the repetitions say. */
async function askAll(server: Server, requests: Readonly<Record<string, string>>, times: number): Promise<Reading[]> {
  const taken = new Map(Object.keys(requests).map((name) => [name, [] as number[]]));
  for (let round = 0; round < times; round += 1) {
    for (const [name, path] of Object.entries(requests)) {
      const startedAt = instant();
      await ask(server, path);
      taken.get(name)?.push(instant() - startedAt);
    }
    await sleep(PAUSE_MS);
  }
  const all = [...taken.values()];
  return [
    ...[...taken].flatMap(([name, values]) => [reading(name, median(values)), reading(`${name}: p99`, quantile(values, 0.99))]),
    reading('slowest median', Math.max(...all.map(median))),
    reading('slowest p99', Math.max(...all.map((values) => quantile(values, 0.99)))),
  ];
}

/** Does what an open overview does: it reads the stream, and asks again after each change. */
async function watch(server: Server, until: AbortSignal): Promise<void> {
  await ask(server, '/v1/admin/overview');
  const { body } = await fetch(`http://127.0.0.1:${server.port}/v1/admin/stream`, { signal: until });
  if (!body) throw new Error('the stream has no body');
  for await (const part of body as unknown as AsyncIterable<Uint8Array>)
    if (Buffer.from(part).includes('event: changed')) await ask(server, '/v1/admin/overview');
}

/** Adds a few tasks a second for a while. */
const addFor = (stage: Stage, forMs: number): Promise<void> =>
  opened(stage, async (store) => {
    const [queue, startedAt] = [new Queue(store, toolQueue(0)), instant()];
    for (let added = 0; instant() - startedAt < forMs; added += 1) {
      await queue.add('watched', { added });
      await sleep(startedAt + ((added + 1) * 1_000) / ADDS_A_SECOND - instant());
    }
  });

/** Returns the processor time of the server and its store beside a few adds a second, in percent of a core. */
async function cpuBesideAdds(stage: Stage, server: Server, forMs: number): Promise<{ readonly own: number; readonly store: number }> {
  const [before, startedAt] = [await server.cpuMs(), instant()];
  const store = await serverCpu(stage.url, () => addFor(stage, forMs));
  return { own: (((await server.cpuMs()) - before) / (instant() - startedAt)) * 100, store };
}

/** What an open page adds to the processor time of the server's process, and of MongoDB. */
async function costOfPage(stage: Stage, server: Server): Promise<Reading[]> {
  const forMs = WATCH_MS[stage.quick ? 'quick' : 'full'];
  const closed = await cpuBesideAdds(stage, server, forMs);
  const end = new AbortController();
  const watching = watch(server, end.signal).catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  const open = await cpuBesideAdds(stage, server, forMs);
  end.abort();
  await watching;
  const added = (name: string, before: number, after: number): Reading => ({
    name: `${NAME} open page ${name}`,
    unit: '% of a core',
    value: after - before,
  });
  return [added('process', closed.own, open.own), ...(stage.url.startsWith('mongodb') ? [added('server', closed.store, open.store)] : [])];
}

async function measure(stage: Stage): Promise<readonly Reading[]> {
  const finishedId = await opened(stage, finishedIdIn);
  const server = await startProcess({ url: stage.url, queues: [] });
  const readings = await askAll(server, requestsOf(finishedId), REPETITIONS[stage.quick ? 'quick' : 'full']);
  readings.push(...(await costOfPage(stage, server)));
  await server.stop();
  return readings;
}

export const TOOL: readonly Work[] = [
  {
    name: NAME,
    meaning: `the developer tool over HTTP, beside 1,000,000 waiting and 1,000,000 finished tasks in ${TOOL_QUEUES} queues: the median and the 99th percentile of what its pages ask for, and what an open overview adds to the processor time of the process that serves it and of the database, while ten tasks a second are added`,
    maxConcurrency: 1,
    tasks: MILLION,
    runs: 1,
    systems: HOLDFASTS,
    prepare: (stage) => opened(stage, (store) => fillQueues(store, stage.tasks)),
    measure,
  },
];
