import type { SendOptions } from '../../config/brokerOptions';
import { sendOptions, sentMessage } from '../../config/brokerOptions';
import { MESSAGES_A_CALL } from '../../constants/brokerLimits';
import type { EntryAnswer, OutgoingMessage, Sent } from '../../modules/broker/brokerTypes';
import { isOfOne } from '../../modules/broker/isOfOne';
import { messageTask } from '../../modules/broker/messageTask';
import { describeValue, HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import { isRecord } from '../../modules/values/isRecord';
import type { NewTask } from '../../modules/task/task';
import type { Inserter } from '../store/inserter';
import type { AnswerBook } from './answerBook';
import { fifoMessage } from './fifoSending';
import type { FifoSending } from './fifoSending';
import { isFifo } from './queueBook';
import type { QueueBook, QueueEntry } from './queueBook';

/** The parts of a Sending. */
export interface SendingParts {
  readonly book: QueueBook;
  readonly answers: AnswerBook;
  readonly inserter: Pick<Inserter, 'add' | 'addAll'>;
  readonly fifo: FifoSending;
}

/** Takes messages from producers. */
export class Sending {
  readonly #parts: SendingParts;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  async send(queue: string, message: OutgoingMessage, options: SendOptions): Promise<Sent> {
    checkOptions(sendOptions, options, 'send');
    const entry = await this.#parts.book.getOrCreate(queue);
    const task = taskOf(entry, message);
    const known = await this.#known(queue, [task], options);
    if (isFifo(entry)) return (await this.#parts.fifo.send(entry, known, options.idempotencyKey !== undefined))[0] as Sent;
    const { id } = await this.#parts.inserter.add(known[0] as NewTask);
    return { id };
  }

  async sendMany(queue: string, messages: readonly OutgoingMessage[], options: SendOptions): Promise<EntryAnswer<Sent>[]> {
    checkOptions(sendOptions, options, 'send');
    checkCount(messages);
    const entry = await this.#parts.book.getOrCreate(queue);
    const tasks = messages.map((message) => orFault(() => taskOf(entry, message)));
    const valid = tasks.filter((task): task is NewTask => !(task instanceof HoldfastError));
    const added = (await this.#add(entry, await this.#known(queue, valid, options), options)).values();
    return tasks.map((task) => (task instanceof HoldfastError ? { ok: false, error: task } : { ok: true, ...(added.next().value as Sent) }));
  }

  async #add(entry: QueueEntry, tasks: readonly NewTask[], { idempotencyKey }: SendOptions): Promise<readonly Sent[]> {
    if (isFifo(entry)) return this.#parts.fifo.send(entry, tasks, idempotencyKey !== undefined);
    return (await this.#parts.inserter.addAll(tasks)).map(({ id }) => ({ id }));
  }

  /** Returns the tasks under the ids that an earlier call with the same key gave them. */
  async #known(queue: string, tasks: readonly NewTask[], { idempotencyKey }: SendOptions): Promise<readonly NewTask[]> {
    if (idempotencyKey === undefined || tasks.length === 0) return tasks;
    const content = JSON.stringify(tasks.map(({ payload, due }) => [payload, due]));
    const ids = await this.#parts.answers.idsOf(queue, idempotencyKey, content, tasks.map(({ id }) => id)); // prettier-ignore
    return tasks.map((task, at) => ({ ...task, id: ids[at] ?? task.id }));
  }
}

function taskOf(entry: QueueEntry, message: OutgoingMessage): NewTask {
  if (!isRecord(message))
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'message', expected: 'an object with a body', got: describeValue(message) });
  checkOptions(sentMessage, message, 'message');
  return messageTask(entry.name, isFifo(entry) ? fifoMessage(message, entry) : message, entry.attributes);
}

function orFault(make: () => NewTask): NewTask | HoldfastError {
  try {
    return make();
  } catch (error) {
    if (isOfOne(error)) return error;
    throw error;
  }
}

/** Refuses a call of no message or too many. */
export function checkCount(entries: readonly unknown[], field = 'messages'): void {
  if (Array.isArray(entries) && entries.length > 0 && entries.length <= MESSAGES_A_CALL) return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: `an array of 1 to ${MESSAGES_A_CALL}`, got: describeValue(entries) });
}
