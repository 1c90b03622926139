import { SQS_ENTRIES, SQS_PAGE_QUEUES } from '../../constants/sqsLimits';
import { deadQueueOf } from '../../modules/broker/deadQueueOf';
import { isActive } from '../../modules/broker/moveTask';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { InputOf } from '../../modules/sqs/inputs';
import { checkRate, handleOf, noResource, noTask, queueOfTask, taskOfHandle, wireTask } from '../../modules/sqs/moveTasks';
import { badValue, SqsFault } from '../../modules/sqs/sqsFault';
import type { Broker } from '../broker/broker';
import type { SqsCall } from './sqsCall';

/** The actions on move tasks. */
export class MoveActions {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  async start(input: InputOf<'StartMessageMoveTask'>, call: SqsCall): Promise<object> {
    const { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: ratePerSecond } = input;
    const from = queueOfTask('SourceArn', SourceArn);
    const to = DestinationArn === undefined ? null : queueOfTask('DestinationArn', DestinationArn);
    checkRate(ratePerSecond);
    call.check('admin', from);
    await this.#checkQueue('SourceArn', from);
    if (to !== null) {
      call.check('admin', to);
      await this.#checkQueue('DestinationArn', to);
    }
    await this.#checkSources(from, to, call);
    if ((await this.#broker.moves.list(from)).some(isActive))
      throw new SqsFault('InvalidParameterValue', 'There is already a task running. Only one active task is allowed for a source queue arn at a given time.'); // prettier-ignore
    return { TaskHandle: handleOf(await this.#broker.moves.begin({ from, to, ratePerSecond }), call) };
  }

  async list({ SourceArn, MaxResults = 1 }: InputOf<'ListMessageMoveTasks'>, call: SqsCall): Promise<object> {
    const from = queueOfTask('SourceArn', SourceArn);
    if (MaxResults < 1 || MaxResults > SQS_ENTRIES) throw badValue('MaxResults', MaxResults, `It must be between 1 and ${SQS_ENTRIES}.`);
    call.check('read', from);
    await this.#checkQueue('SourceArn', from);
    return { Results: (await this.#broker.moves.list(from)).slice(0, MaxResults).map((task) => wireTask(task, call)) };
  }

  async cancel({ TaskHandle }: InputOf<'CancelMessageMoveTask'>, call: SqsCall): Promise<object> {
    const { id, from } = taskOfHandle(TaskHandle);
    call.check('admin', from);
    await this.#checkQueue('SourceArn', from);
    const cancelled = await this.#broker.moves.cancel(from, id);
    if (!cancelled) throw (await this.#broker.moves.list(from)).some((task) => task.id === id) ? notActive() : noTask();
    return { ApproximateNumberOfMessagesMoved: cancelled.moved };
  }

  async #checkQueue(parameter: 'SourceArn' | 'DestinationArn', queue: string): Promise<void> {
    try {
      await this.#broker.book.read(queue);
    } catch (error) {
      throw isHoldfastError(error, 'HOLDFAST_QUEUE_UNKNOWN') ? noResource(parameter) : error;
    }
  }

  /**
   * Only the messages of a dead-letter queue are moved. Without a destination they return to the queues that they came from, each of which the caller
   * must be allowed to write to.
   */
  async #checkSources(from: string, to: string | null, call: SqsCall): Promise<void> {
    let isDeadLetterQueue = false;
    for (let after: string | undefined, isOver = false; !isOver;) {
      const entries = await this.#broker.book.list('', SQS_PAGE_QUEUES, after);
      const sources = entries.filter(({ name, attributes }) => attributes.maxReceiveCount > 0 && deadQueueOf(name, attributes) === from);
      if (to === null) for (const { name } of sources) call.check('admin', name);
      isDeadLetterQueue ||= sources.length > 0;
      after = entries.at(-1)?.name;
      isOver = entries.length < SQS_PAGE_QUEUES;
    }
    if (!isDeadLetterQueue) throw new SqsFault('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
  }
}

const notActive = (): SqsFault => new SqsFault('ResourceNotFoundException', 'Only active tasks can be cancelled.');
