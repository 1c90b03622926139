import Table from 'cli-table3';
import { shortBody, until } from '../server/shownMessage';
import type { CountedQueue, ShownMessage } from './backend';

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
export function messagesTable(messages: readonly ShownMessage[], now: Date): string {
  const table = new Table({ head: ['id', 'state', 'time left', 'received', 'type', 'body'], style: PLAIN });
  table.push(
    ...messages.map((message) => [
      message.id,
      message.state,
      leftOf(message, now),
      message.receiveCount,
      message.contentType,
      shortBody(ofWire(message), 60),
    ]),
  );
  return table.toString();
}

const leftOf = ({ until: at }: ShownMessage, now: Date): string => until({ until: at === null ? null : new Date(at) }, now);

/** Bytes are base64 on the wire. */
const ofWire = ({ body, bodyBase64 }: ShownMessage): { readonly body: unknown } => ({
  body: bodyBase64 === undefined ? body : Buffer.from(bodyBase64, 'base64'),
});
