import { Broker } from '../../index';
import type { OutgoingMessage, Store } from '../../index';
import { inFlight } from '../systems/common';
import { opened } from './openedStore';
import { HOLDFASTS, instant, median, perSecond, quantile } from './work';
import type { Reading, Stage, Work } from './work';

/** The queues whose rates are measured: those with groups, and of these the one whose messages have deduplication ids. */
const QUEUES = {
  standard: { isFifo: false, isDeduplicated: false },
  fifo: { isFifo: true, isDeduplicated: false },
  'fifo with ids': { isFifo: true, isDeduplicated: true },
} as const;

type RatedQueue = keyof typeof QUEUES;

const nameOf = (queue: RatedQueue): string => queue.replaceAll(' ', '-');

const GROUPS = 1_000;
const MANY_GROUPS = 100_000;
const LONG = 1_000_000;

const SENDERS = 20;
const CONSUMERS = 20;
const BATCH = 10;
const PHASE_MS = { quick: 1_000, full: 8_000 } as const;
const WARM_MS = { quick: 300, full: 2_000 } as const;

/** Messages of one call while a queue is filled, and calls under way at once. */
const SENT_AT_ONCE = 100;
const SENDS_AT_ONCE = 8;

const RECEIVES = { quick: 10, full: 200 } as const;
const HALF_A_DAY_S = 43_200;

type Group = (index: number) => string;

const groupOf =
  (groups: number): Group =>
  (index) =>
    `group-${index % groups}`;

/** Sends, receives and acknowledges in batches for a while. Returns the messages that were acknowledged a second. */
async function throughput(broker: Broker, rated: RatedQueue, forMs: number): Promise<number> {
  const [queue, { isFifo, isDeduplicated }] = [nameOf(rated), QUEUES[rated]];
  const startedAt = instant();
  const isOver = (): boolean => instant() - startedAt >= forMs;
  let [sent, acknowledged] = [0, 0];
  const group = groupOf(GROUPS);
  const ordered = (number: number): Pick<OutgoingMessage, 'group' | 'deduplicationId'> => ({
    ...(isFifo ? { group: group(number) } : {}),
    ...(isDeduplicated ? { deduplicationId: `${number}` } : {}),
  });
  const send = async (): Promise<void> => {
    while (!isOver()) {
      const first = (sent += BATCH);
      await broker.sendMany(
        queue,
        Array.from({ length: BATCH }, (_, index) => ({ body: first + index, ...ordered(first + index) })),
      );
    }
  };
  const consume = async (): Promise<void> => {
    while (!isOver()) {
      const messages = await broker.receive(queue, { max: BATCH, waitSeconds: 1 });
      if (messages.length > 0) await broker.ackMany(messages.map(({ receipt }) => receipt));
      acknowledged += messages.length;
    }
  };
  await Promise.all([...Array.from({ length: SENDERS }, send), ...Array.from({ length: CONSUMERS }, consume)]);
  return perSecond(acknowledged, instant() - startedAt);
}

async function rates({ quick }: Stage, store: Store): Promise<Reading[]> {
  const size = quick ? 'quick' : 'full';
  const broker = new Broker(store);
  const queues = Object.keys(QUEUES) as RatedQueue[];
  for (const queue of queues) await broker.createQueue(nameOf(queue), QUEUES[queue].isFifo ? { fifo: true } : {});
  for (const queue of queues) await throughput(broker, queue, WARM_MS[size]);
  const readings: Reading[] = [];
  for (const queue of queues) {
    await broker.purge(nameOf(queue));
    readings.push({ name: `fifo-rates ${queue}`, unit: 'messages/s', value: await throughput(broker, queue, PHASE_MS[size]) });
  }
  await broker.close();
  return readings;
}

async function fill(broker: Broker, queue: string, count: number, group: Group): Promise<void> {
  const calls = Array.from({ length: Math.ceil(count / SENT_AT_ONCE) }, (_, call) => call * SENT_AT_ONCE);
  await inFlight(calls, SENDS_AT_ONCE, async (first) => {
    const messages = Array.from({ length: Math.min(SENT_AT_ONCE, count - first) }, (_, index) => {
      const number = first + index;
      return { body: number, group: group(number), deduplicationId: `${group(number)}-${number}` };
    });
    const refused = (await broker.sendMany(queue, messages)).find(({ ok }) => !ok);
    if (refused) throw new Error(`a message was refused: ${JSON.stringify(refused)}`);
  });
}

/** Fills three queues that differ in what a receive must not look at. */
async function fillGroups(stage: Stage, store: Store): Promise<void> {
  const broker = new Broker(store);
  for (const queue of ['few', 'many', 'long']) await broker.createQueue(queue, { fifo: true });
  const part = stage.tasks / LONG;
  await fill(broker, 'few', GROUPS * BATCH, groupOf(GROUPS));
  await fill(broker, 'many', Math.max(GROUPS, Math.ceil(MANY_GROUPS * part)), groupOf(MANY_GROUPS));
  await fill(broker, 'long', stage.tasks, () => 'long');
  const [first] = await broker.receive('long', { max: 1, visibilityTimeoutSeconds: HALF_A_DAY_S });
  if (!first) throw new Error('the first message of the long group was not received');
  await fill(broker, 'long', GROUPS * BATCH, groupOf(GROUPS));
  await broker.close();
}

/** Times receives of ten messages each, which are acknowledged. */
async function receives(broker: Broker, queue: string, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const startedAt = instant();
    const messages = await broker.receive(queue, { max: BATCH });
    taken.push(instant() - startedAt);
    if (messages.length === 0) throw new Error(`a receive from ${queue} found nothing`);
    await broker.ackMany(messages.map(({ receipt }) => receipt));
  }
  return taken;
}

async function groups({ quick }: Stage, store: Store): Promise<Reading[]> {
  const broker = new Broker(store);
  await receives(broker, 'few', quick ? 1 : BATCH);
  const readings: Reading[] = [];
  for (const queue of ['few', 'many', 'long']) {
    const taken = await receives(broker, queue, RECEIVES[quick ? 'quick' : 'full']);
    readings.push({ name: `fifo-groups ${queue}`, unit: 'ms', value: median(taken) });
    readings.push({ name: `fifo-groups ${queue}: p99`, unit: 'ms', value: quantile(taken, 0.99) });
  }
  await broker.close();
  return readings;
}

export const FIFO: readonly Work[] = [
  {
    name: 'fifo-rates',
    meaning: `a standard queue, a FIFO queue of ${GROUPS} groups, and one whose messages have deduplication ids besides, one after the other: ${SENDERS} senders and ${CONSUMERS} consumers in one process, which send, receive and acknowledge ten messages a call`,
    maxConcurrency: SENDERS + CONSUMERS,
    runs: 3,
    systems: HOLDFASTS,
    measure: (stage) => opened(stage, (store) => rates(stage, store)),
  },
  {
    name: 'fifo-groups',
    meaning: `a receive of ten messages from a FIFO queue: of ${GROUPS} groups (few), of ${MANY_GROUPS} groups (many), and of ${GROUPS} groups beside one with 1,000,000 messages that wait behind one in flight (long)`,
    maxConcurrency: 1,
    tasks: LONG,
    runs: 1,
    systems: HOLDFASTS,
    prepare: (stage) => opened(stage, (store) => fillGroups(stage, store)),
    measure: (stage) => opened(stage, (store) => groups(stage, store)),
  },
];
