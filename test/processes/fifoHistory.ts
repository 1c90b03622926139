import type { FifoEvent, FifoReceipt } from '../fixtures/fifoWorker';

/** The clock of a server is known to some milliseconds. */
const SLACK_MS = 30;

/**
 * Checks a history of FIFO queues, and returns what is wrong with it.
 *
 * - Order: a message is received only when all earlier ones of its group are acknowledged, or before it in the same receive.
 * - Exclusion: a message is received only when all of its group that were received before are settled, or their visibility is over.
 * - No message is received after its acknowledgement, and none that was sent is missing.
 * - A repeated send has one id.
 */
export function faultsOf(events: readonly FifoEvent[]): string[] {
  return [...faultsOfSends(events), ...faultsOfReceives(events)];
}

function faultsOfSends(events: readonly FifoEvent[]): string[] {
  const ids = new Map<string, Set<string>>();
  const note = (key: string, id: string): unknown => ids.set(key, (ids.get(key) ?? new Set()).add(id));
  for (const event of events) {
    if (event.kind === 'sent') note(event.key, event.id);
    if (event.kind === 'received') for (const { key, id } of event.messages) note(key, id);
  }
  const acked = new Set(events.flatMap((event) => (event.kind === 'acked' || event.kind === 'ack' ? event.id : [])));
  const lost = new Set(events.flatMap((event) => (event.kind === 'sent' && !acked.has(event.id) ? event.key : [])));
  return [
    ...[...ids].filter(([, own]) => own.size > 1).map(([key, own]) => `${key} was sent as ${[...own].join(' and ')}`),
    ...[...lost].map((key) => `${key} was sent and never acknowledged`),
  ];
}

/** The instants at which calls began or ended that settle a message, by its id. */
type Times = ReadonlyMap<string, readonly number[]>;

function timesOf(events: readonly FifoEvent[], kinds: readonly FifoEvent['kind'][]): Times {
  const times = new Map<string, number[]>();
  for (const event of events) {
    if (!kinds.includes(event.kind) || !('id' in event)) continue;
    times.set(event.id, [...(times.get(event.id) ?? []), event.at]);
  }
  return times;
}

function faultsOfReceives(events: readonly FifoEvent[]): string[] {
  const acks = timesOf(events, ['ack']);
  const settles = timesOf(events, ['ack', 'release']);
  const acked = timesOf(events, ['acked']);
  return [...receivesByGroup(events).values()].flatMap((receives) => faultsOfGroup(receives, { acks, settles, acked }));
}

/**
 * Returns what was received of each group by one receive each, in the order of the claims. A process writes a receive down before it settles it, so the
 * lines are in order, but for those of a process that was held up for longer than the visibility.
 */
function receivesByGroup(events: readonly FifoEvent[]): Map<string, FifoReceipt[][]> {
  const groups = new Map<string, FifoReceipt[][]>();
  for (const event of events) {
    if (event.kind !== 'received') continue;
    for (const group of new Set(event.messages.map((message) => message.group))) {
      const receives = groups.get(group) ?? [];
      const own = event.messages.filter((message) => message.group === group);
      const behind = receives.findLastIndex(([other]) => (other?.receivedAt ?? 0) <= (own[0]?.receivedAt ?? 0) + SLACK_MS);
      receives.splice(behind + 1, 0, own);
      groups.set(group, receives);
    }
  }
  return groups;
}

interface Settles {
  readonly acks: Times;
  readonly settles: Times;
  readonly acked: Times;
}

function faultsOfGroup(receives: readonly FifoReceipt[][], { acks, settles, acked }: Settles): string[] {
  const faults: string[] = [];
  /** The last receive of each message that is not acknowledged for certain. */
  const open = new Map<string, FifoReceipt>();
  let highest = '';
  for (const messages of receives) {
    const [{ receivedAt: at, group }] = messages as [FifoReceipt];
    const until = at + SLACK_MS;
    const names = messages.map(({ sequence }) => sequence).join(', ');
    const own = new Set(messages.map(({ id }) => id));
    const [lowest] = messages.map(({ sequence }) => sequence).sort();
    if (messages.some(({ sequence }, index) => index > 0 && sequence <= (messages[index - 1]?.sequence ?? '')))
      faults.push(`${group}: a receive has ${names}`);
    for (const { id, sequence, receivedAt, visibleAt } of open.values()) {
      const isSettled = (settles.get(id) ?? []).some((time) => time >= receivedAt - SLACK_MS && time <= until);
      if (visibleAt > until && !isSettled) faults.push(`${group}: ${names} was received while ${sequence} was in flight`);
      const isAcked = (acks.get(id) ?? []).some((time) => time <= until);
      if (sequence < (lowest ?? '') && !own.has(id) && !isAcked) faults.push(`${group}: ${names} was received before ${sequence} was acknowledged`);
    }
    for (const message of messages) {
      const { id, sequence } = message;
      if ((acked.get(id) ?? []).some((time) => time < at - SLACK_MS)) faults.push(`${group}: ${sequence} was received after its acknowledgement`);
      const isFirst = !open.has(id) && !(acks.get(id) ?? []).some((time) => time < at - SLACK_MS);
      if (isFirst && sequence <= highest) faults.push(`${group}: ${sequence} came after ${highest}`);
      if (sequence > highest) highest = sequence;
      open.set(id, message);
    }
    for (const id of open.keys()) if ((acked.get(id) ?? []).some((time) => time < at - SLACK_MS)) open.delete(id);
  }
  return faults;
}
