import Table from 'cli-table3';
import type { PeekedMessage, QueueInfo, QueueStats } from '../broker/brokerTypes';
import { shortBody, until } from '../server/shownMessage';

/** A queue with its counts. */
export interface CountedQueue {
  readonly queue: QueueInfo;
  readonly stats: QueueStats;
}

const PLAIN = { head: [], border: [] };

/** Formats queues with their counts as a table. */
export function queuesTable(queues: readonly CountedQueue[]): string {
  const head = ['queue', 'waiting', 'delayed', 'in flight', 'dead', 'oldest', ''];
  const table = new Table({ head, colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'left'], style: PLAIN });
  table.push(
    ...queues.map(({ queue, stats }) => [
      ...[
        queue.name,
        stats.waiting,
        stats.delayed,
        stats.inFlight,
        stats.dead,
        stats.oldestSeconds === null ? '' : `${Math.round(stats.oldestSeconds)} s`,
      ],
      queue.isPaused ? 'paused' : '',
    ]),
  );
  return table.toString();
}

/** Formats the messages of one queue as a table. */
export function messagesTable(messages: readonly PeekedMessage[], now: Date): string {
  const table = new Table({ head: ['id', 'state', 'time left', 'received', 'type', 'body'], style: PLAIN });
  table.push(
    ...messages.map((message) => [message.id, message.state, until(message, now), message.receiveCount, message.contentType, shortBody(message, 60)]),
  );
  return table.toString();
}
