import type { Held, Lane, MessageServer } from '../systems/messageServer';
import { costing } from './meter';
import { perSecond } from './work';
import type { Reading, Stage, Work } from './work';

const PHASE_MS = { quick: 1_000, full: 4_000 } as const;
const WARM_MS = { quick: 500, full: 2_000 } as const;

/** Requests under way at once, each on a connection of its own. */
export const IN_FLIGHT = 32;

const MANY = 10;
const BULK = 'bulk';
const SINGLE = 'single';

/** What a lane does again and again. Returns the number of messages that it dealt with; 0 ends all lanes. */
type Act = (lane: Lane) => Promise<number>;

/** Repeats an action on every lane until the time is over or one finds nothing more to do. Returns how many messages it dealt with, and in which time. */
async function repeat(lanes: readonly Lane[], forMs: number, act: Act): Promise<{ readonly messages: number; readonly ms: number }> {
  const startedAt = performance.now();
  let messages = 0;
  let isOver = false;
  const run = async (lane: Lane): Promise<void> => {
    while (!isOver && performance.now() - startedAt < forMs) {
      const dealt = await act(lane);
      if (dealt === 0) isOver = true;
      messages += dealt;
    }
  };
  await Promise.all(lanes.map(run));
  return { messages, ms: performance.now() - startedAt };
}

/** Checks that no message is received twice. */
class Seen {
  readonly #ids = new Set<string>();

  note(held: readonly Held[]): void {
    for (const { id } of held) {
      if (this.#ids.has(id)) throw new Error(`message ${id} was received twice`);
      this.#ids.add(id);
    }
  }
}

const lanesTo = (servers: readonly MessageServer[], queue: string): Promise<Lane[]> =>
  Promise.all(Array.from({ length: IN_FLIGHT }, (_, index) => (servers[index % servers.length] as MessageServer).connect(queue)));

const sending =
  (count: number) =>
  async (lane: Lane): Promise<number> => {
    await lane.send(count);
    return count;
  };

const receiving =
  (seen: Seen) =>
  async (lane: Lane): Promise<number> => {
    const held = await lane.receive(MANY, 0);
    if (held.length === 0) return 0;
    seen.note(held);
    await lane.ack(held);
    return held.length;
  };

/** Sends a message, receives one, which may be that of another lane, and acknowledges it. */
const oneInOneOut =
  (seen: Seen) =>
  async (lane: Lane): Promise<number> => {
    await lane.send(1);
    for (;;) {
      const held = await lane.receive(1, 1);
      seen.note(held);
      if (held.length === 0) continue;
      await lane.ack(held);
      return 1;
    }
  };

/** Measures a rate, with the processor time that a message costs the servers and their store. */
async function readingOf(stage: Stage, servers: readonly MessageServer[], name: string, run: () => ReturnType<typeof repeat>): Promise<Reading> {
  const cpuMs = async (): Promise<number> => (await Promise.all(servers.map((server) => server.cpuMs()))).reduce((sum, ms) => sum + ms, 0);
  const before = await cpuMs();
  const { result, perTask } = await costing(stage.url, run);
  const used = ((await cpuMs()) - before) * 1_000;
  const { messages, ms } = result;
  const { commands, serverCpuMicroseconds } = perTask(messages);
  const ofStore = commands === undefined || serverCpuMicroseconds === undefined ? {} : { commands, serverCpuMicroseconds };
  return { name, unit: 'messages/s', value: perSecond(messages, ms), cost: { brokerCpuMicroseconds: used / Math.max(1, messages), ...ofStore } };
}

/** Measures the four ways of use on lanes to one or several servers. */
export async function ratesOf(stage: Stage, servers: readonly MessageServer[], name: string): Promise<Reading[]> {
  const size = stage.quick ? 'quick' : 'full';
  const [bulk, single] = await Promise.all([lanesTo(servers, BULK), lanesTo(servers, SINGLE)]);
  const seen = new Seen();
  const readings: Reading[] = [];
  const measure = async (what: string, lanes: readonly Lane[], act: Act): Promise<void> => {
    readings.push(await readingOf(stage, servers, `${name} ${what}`, () => repeat(lanes, PHASE_MS[size], act)));
  };
  await repeat(single, WARM_MS[size], oneInOneOut(seen));
  await measure('send-1', bulk, sending(1));
  await measure('send-10', bulk, sending(MANY));
  await measure('receive-ack-10', bulk, receiving(seen));
  await measure('one-in-one-out', single, oneInOneOut(seen));
  for (const lane of [...bulk, ...single]) lane.close();
  return readings;
}

/** Measures the bare echo: requests a second of the same client. */
async function echo(stage: Stage, server: MessageServer): Promise<Reading[]> {
  const size = stage.quick ? 'quick' : 'full';
  const lanes = await lanesTo([server], BULK);
  await repeat(lanes, WARM_MS[size], sending(1));
  const reading = await readingOf(stage, [server], 'broker-rates echo', () => repeat(lanes, PHASE_MS[size], sending(1)));
  for (const lane of lanes) lane.close();
  return [reading];
}

async function measure(stage: Stage): Promise<readonly Reading[]> {
  const { client, system } = stage;
  if (!client.messages) throw new Error('the system is not measured over HTTP');
  const server = await client.messages.start(QUEUES);
  const readings = await (system === 'http-echo' ? echo(stage, server) : ratesOf(stage, [server], 'broker-rates'));
  await server.stop();
  return readings;
}

export const QUEUES = [BULK, SINGLE] as const;

export const BROKER_RATES: readonly Work[] = [
  {
    name: 'broker-rates',
    meaning: `the broker over HTTP, ${IN_FLIGHT} keep-alive connections with a request under way each, bodies of 200 bytes: messages sent one by one, sent in tens, received and acknowledged in tens, and sent, received and acknowledged one by one; beside them, requests a second of a bare Fastify that answers with the body`,
    maxConcurrency: IN_FLIGHT,
    runs: 3,
    systems: ['http-echo', 'http-sqlite', 'http-mongodb', 'elasticmq'],
    measure,
  },
];
