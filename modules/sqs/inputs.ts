import { Type } from 'typebox';
import type { Static } from 'typebox';

/** What each action takes. Other members are ignored, as SQS does. */

const text = Type.String();
const maybe = Type.Optional(text);
const count = Type.Optional(Type.Integer());
const texts = Type.Optional(Type.Array(text));
const textMap = Type.Optional(Type.Record(text, text));
const attributes = Type.Optional(Type.Record(text, Type.Object({ DataType: maybe, StringValue: maybe, BinaryValue: maybe })));

const queue = { QueueUrl: maybe };

const message = {
  MessageBody: maybe,
  DelaySeconds: count,
  MessageAttributes: attributes,
  MessageSystemAttributes: attributes,
  MessageDeduplicationId: maybe,
  MessageGroupId: maybe,
};

const batchOf = <Fields extends Record<string, ReturnType<typeof Type.Optional>>>(fields: Fields) =>
  Type.Object({ ...queue, Entries: Type.Optional(Type.Array(Type.Object({ Id: maybe, ...fields }))) });

const visibility = { ReceiptHandle: maybe, VisibilityTimeout: count };

export const INPUTS = {
  CreateQueue: Type.Object({ QueueName: maybe, Attributes: textMap, tags: textMap }),
  GetQueueUrl: Type.Object({ QueueName: maybe }),
  ListQueues: Type.Object({ QueueNamePrefix: maybe, MaxResults: count, NextToken: maybe }),
  DeleteQueue: Type.Object(queue),
  PurgeQueue: Type.Object(queue),
  GetQueueAttributes: Type.Object({ ...queue, AttributeNames: texts }),
  SetQueueAttributes: Type.Object({ ...queue, Attributes: textMap }),
  TagQueue: Type.Object({ ...queue, Tags: textMap }),
  UntagQueue: Type.Object({ ...queue, TagKeys: texts }),
  ListQueueTags: Type.Object(queue),
  ListDeadLetterSourceQueues: Type.Object({ ...queue, MaxResults: count, NextToken: maybe }),
  AddPermission: Type.Object({ ...queue, Label: maybe, AWSAccountIds: texts, Actions: texts }),
  RemovePermission: Type.Object({ ...queue, Label: maybe }),
  SendMessage: Type.Object({ ...queue, ...message }),
  SendMessageBatch: batchOf(message),
  ReceiveMessage: Type.Object({
    ...queue,
    AttributeNames: texts,
    MessageSystemAttributeNames: texts,
    MessageAttributeNames: texts,
    MaxNumberOfMessages: count,
    VisibilityTimeout: count,
    WaitTimeSeconds: count,
    ReceiveRequestAttemptId: maybe,
  }),
  DeleteMessage: Type.Object({ ...queue, ReceiptHandle: maybe }),
  DeleteMessageBatch: batchOf({ ReceiptHandle: maybe }),
  ChangeMessageVisibility: Type.Object({ ...queue, ...visibility }),
  ChangeMessageVisibilityBatch: batchOf(visibility),
  StartMessageMoveTask: Type.Object({ SourceArn: maybe, DestinationArn: maybe, MaxNumberOfMessagesPerSecond: count }),
  ListMessageMoveTasks: Type.Object({ SourceArn: maybe, MaxResults: count }),
  CancelMessageMoveTask: Type.Object({ TaskHandle: maybe }),
} as const;

export type SqsAction = keyof typeof INPUTS;

/** The input of an action. */
export type InputOf<Action extends SqsAction> = Static<(typeof INPUTS)[Action]>;

/** A message in a request. */
export type WireMessage = Omit<InputOf<'SendMessage'>, 'QueueUrl'>;
