import { SQS_ACTIONS } from '../../modules/sqs/actions';
import type { InputOf, SqsAction } from '../../modules/sqs/inputs';
import { queueOfPath, queueOfUrl } from '../../modules/sqs/queueNames';
import { withoutPermission, withPermission } from '../../modules/sqs/permissions';
import { isAction, readInput } from '../../modules/sqs/readInput';
import { missing, SqsFault } from '../../modules/sqs/sqsFault';
import type { Broker } from '../broker/broker';
import { MessageActions } from './messageActions';
import { MoveActions } from './moveActions';
import { QueueActions } from './queueActions';
import type { SqsCall } from './sqsCall';

/** An action on a queue, whose name is read and which the caller may use. */
type OnQueue<Action extends SqsAction> = (queue: string, input: InputOf<Action>, call: SqsCall) => Promise<object>;

type QueueAction = Exclude<SqsAction, 'CreateQueue' | 'GetQueueUrl' | 'ListQueues' | `${string}MessageMoveTask${string}`>;

/** The actions of SQS on a broker. */
export class Sqs {
  readonly #queues: QueueActions;
  readonly #moves: MoveActions;
  readonly #onQueue: { readonly [Action in QueueAction]: OnQueue<Action> };

  /** @param onBug is told errors of single entries that are bugs. */
  constructor(broker: Broker, onBug: (error: unknown) => void) {
    const queues = new QueueActions(broker);
    const messages = new MessageActions(broker, onBug);
    this.#queues = queues;
    this.#moves = new MoveActions(broker);
    this.#onQueue = {
      DeleteQueue: (queue) => queues.remove(queue),
      PurgeQueue: (queue) => queues.purge(queue),
      GetQueueAttributes: (queue, input, call) => queues.attributes(queue, input, call),
      SetQueueAttributes: (queue, input, call) => queues.configure(queue, input, call),
      TagQueue: (queue, input) => queues.tag(queue, input),
      UntagQueue: (queue, input) => queues.untag(queue, input),
      ListQueueTags: (queue) => queues.tags(queue),
      ListDeadLetterSourceQueues: (queue, input, call) => queues.sources(queue, input, call),
      AddPermission: (queue, input, call) => queues.changePolicy(queue, (policy) => withPermission(policy, queue, input, call)),
      RemovePermission: (queue, { Label }) => queues.changePolicy(queue, (policy) => withoutPermission(policy, Label)),
      SendMessage: (queue, input, call) => messages.send(queue, input, call),
      SendMessageBatch: (queue, input, call) => messages.sendBatch(queue, input, call),
      ReceiveMessage: (queue, input, call) => messages.receive(queue, input, call),
      DeleteMessage: (queue, input) => messages.remove(queue, input),
      DeleteMessageBatch: (queue, input) => messages.removeBatch(queue, input),
      ChangeMessageVisibility: (queue, input) => messages.changeVisibility(queue, input),
      ChangeMessageVisibilityBatch: (queue, input) => messages.changeVisibilityBatch(queue, input),
    };
  }

  /**
   * Carries out an action.
   *
   * @throws SqsFault, or an error of the broker.
   */
  async call(name: string, body: Uint8Array, call: SqsCall): Promise<object> {
    if (!isAction(name)) throw new SqsFault('UnknownOperation', 'There is no action of this name.');
    if (name === 'CreateQueue') return this.#queues.create(readInput(name, body), call);
    if (name === 'GetQueueUrl') return this.#queues.url(readInput(name, body), call);
    if (name === 'ListQueues') return this.#queues.list(readInput(name, body), call);
    if (name === 'StartMessageMoveTask') return this.#moves.start(readInput(name, body), call);
    if (name === 'ListMessageMoveTasks') return this.#moves.list(readInput(name, body), call);
    if (name === 'CancelMessageMoveTask') return this.#moves.cancel(readInput(name, body), call);
    return this.#callOnQueue(name, body, call);
  }

  #callOnQueue(name: QueueAction, body: Uint8Array, call: SqsCall): Promise<object> {
    const act = this.#onQueue[name] as OnQueue<QueueAction>;
    const input = readInput(name, body);
    const queue = queueOf(input, call);
    call.check(SQS_ACTIONS[name].access, queue);
    return act(queue, input, call);
  }
}

/** The queue of the URL in the request, or else that of the path. */
function queueOf({ QueueUrl }: { readonly QueueUrl?: string | undefined }, { path }: SqsCall): string {
  if (QueueUrl) return queueOfUrl(QueueUrl);
  if (path === '') throw missing('QueueUrl');
  return queueOfPath(path);
}
