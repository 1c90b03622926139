import { Broker, openStore } from '../../index';
import { sleep } from '../systems/common';
import type { Lane } from '../systems/messageServer';
import { serverCpu } from './idleForeign';
import { instant } from './work';
import type { Reading, Stage, Work } from './work';

const POLLS = 5_000;
const FOREIGN_RATE = 100;
const FOREIGN_QUEUES = 10;

/** The polls last for 20 seconds. They begin before the time that counts, and on a machine that is not overloaded none ends within it. */
const POLL_SECONDS = 20;
const SETTLE_IN_MS = 6_000;
const LOAD_MS = { quick: 4_000, full: 10_000 } as const;
const CONNECTS_AT_ONCE = 100;

/** Sends messages from this process, which is another than the broker's, to queues that nobody polls. */
async function besideSends<T>(url: string, run: () => Promise<T>): Promise<T> {
  const store = await openStore(url);
  const broker = new Broker(store);
  const queues = Array.from({ length: FOREIGN_QUEUES }, (_, index) => `foreign-${index}`);
  for (const queue of queues) await broker.createQueue(queue);
  let isOver = false;
  const send = async (): Promise<void> => {
    const startedAt = instant();
    for (let index = 0; !isOver; index += 1) {
      await sleep(startedAt + (index / FOREIGN_RATE) * 1_000 - instant());
      await broker.send(queues[index % FOREIGN_QUEUES] as string, { body: index });
    }
  };
  const sends = send();
  try {
    return await run();
  } finally {
    isOver = true;
    await sends;
    await store.close();
  }
}

/** Polls that are repeated when they end without a message. */
class Polls {
  #error: unknown;
  #isOver = false;

  begin(lanes: readonly Lane[]): void {
    for (const lane of lanes) this.#repeat(lane).catch((error: unknown) => (this.#error ??= error));
  }

  /** @throws what went wrong with one of them. */
  end(): void {
    if (this.#error !== undefined) throw this.#error as Error;
    this.#isOver = true;
  }

  async #repeat(lane: Lane): Promise<void> {
    while (!this.#isOver) {
      const { length } = await lane.receive(1, POLL_SECONDS);
      if (length > 0) throw new Error('a poll of an empty queue got a message');
    }
  }
}

async function measure({ client, url, quick }: Stage, name: string, count: number): Promise<readonly Reading[]> {
  if (!client.messages) throw new Error('the system is not measured over HTTP');
  const loadMs = LOAD_MS[quick ? 'quick' : 'full'];
  const alone = await besideSends(url, () => serverCpu(url, () => sleep(loadMs)));
  const queues = Array.from({ length: count }, (_, index) => `polled-${index}`);
  const server = await client.messages.start(queues);
  const lanes: Lane[] = [];
  while (lanes.length < POLLS) {
    const part = Array.from({ length: CONNECTS_AT_ONCE }, (_, index) => server.connect(queues[(lanes.length + index) % count] as string));
    lanes.push(...(await Promise.all(part)));
  }
  let cpuMs = 0;
  const polls = new Polls();
  const beside = await besideSends(url, async () => {
    polls.begin(lanes);
    await sleep(SETTLE_IN_MS);
    const before = await server.cpuMs();
    const used = await serverCpu(url, () => sleep(loadMs));
    cpuMs = (await server.cpuMs()) - before;
    return used;
  });
  polls.end();
  for (const lane of lanes) lane.close();
  await server.stop();
  const broker: Reading = { name: `${name} broker-cpu`, unit: '% of a core', value: (cpuMs / loadMs) * 100 };
  return url.startsWith('mongodb') ? [broker, { name: `${name} server-cpu`, unit: '% of a core', value: beside - alone }] : [broker];
}

export const BROKER_IDLE: readonly Work[] = [10, 1_000].map((queues) => {
  const name = `broker-idle-${queues}`;
  return {
    name,
    meaning: `${POLLS} long polls wait at one broker, on ${queues} queues, while another process sends ${FOREIGN_RATE} messages a second to queues that nobody polls: processor time of the broker's process, and what it adds to that of the server`,
    maxConcurrency: POLLS,
    runs: 1,
    systems: ['http-sqlite', 'http-mongodb'],
    measure: (stage: Stage) => measure(stage, name, queues),
  };
});
