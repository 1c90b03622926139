import { Type } from 'typebox';
import { listQueuesOptions, queueAttributes, queueChanges } from '../../config/brokerOptions';
import { QUEUE_TAGS } from '../../constants/brokerLimits';
import { exactly, instant } from './commonSchemas';
import { schemaOf } from './schemaOf';

const tags = Type.Record(Type.String({ minLength: 1, maxLength: 128 }), Type.String({ maxLength: 256 }), {
  maxProperties: QUEUE_TAGS,
  description: 'Texts of your own. Those given replace all that were there.',
});

export const queueBody = exactly({
  attributes: Type.Optional(schemaOf({ ...queueChanges, description: 'Attributes to set; a new queue has the defaults in all others.' })),
  tags: Type.Optional(tags),
});

export const queueInfo = exactly({
  name: Type.String(),
  attributes: schemaOf(queueAttributes),
  tags: Type.Record(Type.String(), Type.String()),
  createdAt: instant,
  modifiedAt: instant,
  isPaused: Type.Boolean({ description: 'A paused queue takes messages and hands none out.' }),
});

export const listQuery = exactly({
  prefix: Type.Optional(schemaOf(listQueuesOptions.properties.prefix)),
  limit: Type.Optional(schemaOf(listQueuesOptions.properties.limit)),
  after: Type.Optional(schemaOf(listQueuesOptions.properties.after)),
});

export const queuePage = exactly({
  queues: Type.Array(queueInfo),
  next: Type.Union([Type.String(), Type.Null()], { description: 'The `after` of the next page; null at the end.' }),
});

const count = (description: string) => Type.Integer({ minimum: 0, description });

export const queueStats = exactly({
  waiting: count('Messages that can be received now.'),
  delayed: count('Messages whose delay is not over.'),
  inFlight: count('Messages that were received and not acknowledged.'),
  dead: count('Messages in its dead-letter queue.'),
  isRounded: Type.Boolean({ description: 'True if a number is so large that it was counted only up to a bound.' }),
  oldestSeconds: Type.Union([Type.Number(), Type.Null()], {
    description: 'Age of the message that has waited longest; null if none waits.',
  }),
});

export const health = exactly({ status: Type.String() });
