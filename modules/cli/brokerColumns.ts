import { SECOND } from '../../constants/limits';
import { shortBody, until } from '../server/shownMessage';
import type { CountedQueue, ShownMessage } from './backend';
import type { Column } from './renderTable';
import { shownDuration } from './shownTime';

/** Characters of a body that a list shows. */
const BODY_CHARACTERS = 60;

/** The columns of a list of queues of the broker. */
export const BROKER_COLUMNS: readonly Column<CountedQueue>[] = [
  { head: 'queue', cell: ({ queue }) => queue.name },
  { head: 'waiting', cell: ({ stats }) => stats.waiting, isNumber: true },
  { head: 'delayed', cell: ({ stats }) => stats.delayed, isNumber: true },
  { head: 'in flight', cell: ({ stats }) => stats.inFlight, isNumber: true },
  { head: 'dead', cell: ({ stats }) => stats.dead, isNumber: true },
  { head: 'oldest', cell: ({ stats }) => (stats.oldestSeconds === null ? '' : shownDuration(stats.oldestSeconds * SECOND)), isNumber: true },
  { head: 'state', cell: ({ queue }) => (queue.isPaused ? 'paused' : '') },
];

/** The columns of a list of messages. */
export const messageColumns = (now: Date): readonly Column<ShownMessage>[] => [
  { head: 'id', cell: ({ id }) => id },
  { head: 'state', cell: ({ state }) => state },
  { head: 'time left', cell: (message) => leftOf(message, now) },
  { head: 'received', cell: ({ receiveCount }) => receiveCount, isNumber: true },
  { head: 'type', isOptional: true, cell: ({ contentType }) => contentType },
  { head: 'body', cell: (message) => shortBody(ofWire(message), BODY_CHARACTERS) },
];

const leftOf = ({ until: at }: ShownMessage, now: Date): string => until({ until: at === null ? null : new Date(at) }, now);

/** Bytes are base64 on the wire. */
const ofWire = ({ body, bodyBase64 }: ShownMessage): { readonly body: unknown } => ({
  body: bodyBase64 === undefined ? body : Buffer.from(bodyBase64, 'base64'),
});
