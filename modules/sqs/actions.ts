import type { Action } from '../../constants/serverLimits';
import type { SqsAction } from './inputs';

/** What the table of an action says. */
export interface ActionRow {
  /** What a credential has to allow on the queue. */
  readonly access: Action;
  /** How it differs from SQS, for the documents; empty if it does not. */
  readonly note: string;
}

const row = (access: Action, note = ''): ActionRow => ({ access, note });

/** The actions of the SQS endpoint. */
export const SQS_ACTIONS: Readonly<Record<SqsAction, ActionRow>> = {
  AddPermission: row('admin', 'the policy is stored and returned, and not enforced'),
  CancelMessageMoveTask: row('admin'),
  ChangeMessageVisibility: row(
    'consume',
    'with a handle of an earlier receive it answers 200 and changes nothing; after the timeout the message counts as delayed',
  ),
  ChangeMessageVisibilityBatch: row('consume', 'as ChangeMessageVisibility'),
  CreateQueue: row('admin', 'a name begins with a letter or digit; a deleted one can be used again at once'),
  DeleteMessage: row('consume', 'with a handle of an earlier receive it answers 200 and changes nothing, as on a FIFO queue of SQS'),
  DeleteMessageBatch: row('consume', 'as DeleteMessage'),
  DeleteQueue: row('admin', 'the queue is gone at once'),
  GetQueueAttributes: row('read'),
  GetQueueUrl: row('read', 'accounts are not told apart'),
  ListDeadLetterSourceQueues: row('read'),
  ListMessageMoveTasks: row('read'),
  ListQueues: row('read', 'accounts and regions are not told apart'),
  ListQueueTags: row('read'),
  PurgeQueue: row('admin', 'may be called again at once; messages are gone with the answer'),
  ReceiveMessage: row('consume', 'all waiting messages are looked at, so that a short poll misses none'),
  RemovePermission: row('admin', 'as AddPermission'),
  SendMessage: row('produce'),
  SendMessageBatch: row('produce'),
  SetQueueAttributes: row('admin', 'takes effect within a second'),
  StartMessageMoveTask: row('admin', 'messages keep their ids and times; those of a FIFO queue go to FIFO queues, each group in its order'),
  TagQueue: row('admin'),
  UntagQueue: row('admin'),
};
