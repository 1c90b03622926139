import type { QueueAttributes } from '../../config/brokerOptions';
import { VISIBILITY_SECONDS, WAIT_SECONDS } from '../../constants/brokerLimits';
import { SQS_ENTRIES, SQS_MESSAGE_BYTES } from '../../constants/sqsLimits';
import type { EntryAnswer, Sent } from '../../modules/broker/brokerTypes';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { checkGroup, checkIds, withIds } from '../../modules/sqs/fifo';
import { checkBatch, failedEntry } from '../../modules/sqs/batch';
import type { FailedEntry, Named } from '../../modules/sqs/batch';
import type { InputOf, WireMessage } from '../../modules/sqs/inputs';
import { arnOf } from '../../modules/sqs/queueNames';
import { badValue, missing, shown, SqsFault } from '../../modules/sqs/sqsFault';
import { checkedMessage, wireMessage, wishOf } from '../../modules/sqs/wireMessage';
import type { CheckedMessage } from '../../modules/sqs/wireMessage';
import type { Broker } from '../broker/broker';
import type { SqsCall } from './sqsCall';

/** The answer to a batch, without a list that is empty. */
interface BatchAnswer {
  readonly Successful?: readonly object[];
  readonly Failed?: readonly FailedEntry[];
}

/** The actions on messages. */
export class MessageActions {
  readonly #broker: Broker;
  readonly #onBug: (error: unknown) => void;

  constructor(broker: Broker, onBug: (error: unknown) => void) {
    this.#broker = broker;
    this.#onBug = onBug;
  }

  async send(queue: string, input: InputOf<'SendMessage'>, call: SqsCall): Promise<object> {
    const { attributes } = await this.#broker.book.get(queue);
    checkIds(input, attributes);
    const { message, told, bytes } = checkedMessage(input, call);
    checkSize(bytes, attributes.maxMessageBytes);
    return { ...sentAs(await this.#broker.send(queue, withIds(message, input, attributes))), ...told };
  }

  async sendBatch(queue: string, { Entries }: InputOf<'SendMessageBatch'>, call: SqsCall): Promise<object> {
    const { attributes } = await this.#broker.book.get(queue);
    if (Entries && Entries.length > 0) checkBatchSize(Entries);
    const entries = checkBatch(Entries, 'SendMessageBatchRequestEntry');
    if (attributes.fifo) for (const entry of entries) checkGroup(entry, attributes);
    const checked = entries.map((entry) => this.#attempt(() => this.#checkedEntry(entry, call, attributes)));
    const good = checked.flatMap((each) => (each.ok ? [each.value] : []));
    const answers = (good.length > 0 ? await this.#broker.sendMany(queue, good.map(({ message }) => message)) : []).values(); // prettier-ignore
    return this.#answer(entries, (_, at) => {
      const one = checked[at] as Attempt<CheckedMessage>;
      if (!one.ok) throw one.error;
      return { ...sentAs(valueOf(answers.next().value as EntryAnswer<Sent>)), ...one.value.told };
    });
  }

  #checkedEntry(entry: WireMessage, call: SqsCall, attributes: QueueAttributes): CheckedMessage {
    checkIds(entry, attributes);
    const checked = checkedMessage(entry, call);
    checkSize(checked.bytes, attributes.maxMessageBytes, 'cannot be validated');
    return { ...checked, message: withIds(checked.message, entry, attributes) };
  }

  async receive(queue: string, input: InputOf<'ReceiveMessage'>, call: SqsCall): Promise<object> {
    const { MaxNumberOfMessages: max = 1, VisibilityTimeout, WaitTimeSeconds, ReceiveRequestAttemptId: attemptId } = input;
    const { attributes } = await this.#broker.book.get(queue);
    if (max < 1 || max > SQS_ENTRIES) throw badValue('MaxNumberOfMessages', max, `Must be between 1 and ${SQS_ENTRIES}, if provided.`);
    checkRange('WaitTimeSeconds', WaitTimeSeconds, 0, WAIT_SECONDS);
    checkRange('VisibilityTimeout', VisibilityTimeout, 0, VISIBILITY_SECONDS);
    const wish = wishOf(input);
    const messages = await this.#broker.receive(queue, {
      ...{ max, signal: call.signal },
      ...(attemptId === undefined || !attributes.fifo ? {} : { attemptId }),
      ...(WaitTimeSeconds === undefined ? {} : { waitSeconds: WaitTimeSeconds }),
      ...(VisibilityTimeout === undefined ? {} : { visibilityTimeoutSeconds: VisibilityTimeout }),
    });
    call.took(messages);
    if (messages.length === 0) return {};
    return { Messages: messages.map((message) => wireMessage(message, wish, message.deadLetter && arnOf(message.deadLetter.from, call))) };
  }

  async remove(queue: string, { ReceiptHandle }: InputOf<'DeleteMessage'>): Promise<object> {
    await this.#broker.book.get(queue);
    await this.#remove(queue, ReceiptHandle);
    return {};
  }

  async removeBatch(queue: string, { Entries }: InputOf<'DeleteMessageBatch'>): Promise<object> {
    await this.#broker.book.get(queue);
    const entries = checkBatch(Entries, 'DeleteMessageBatchRequestEntry');
    return this.#answerEach(entries, ({ ReceiptHandle }) => this.#remove(queue, ReceiptHandle));
  }

  async changeVisibility(queue: string, input: InputOf<'ChangeMessageVisibility'>): Promise<object> {
    await this.#broker.book.get(queue);
    await this.#changeVisibility(queue, input);
    return {};
  }

  async changeVisibilityBatch(queue: string, { Entries }: InputOf<'ChangeMessageVisibilityBatch'>): Promise<object> {
    await this.#broker.book.get(queue);
    const entries = checkBatch(Entries, 'ChangeMessageVisibilityBatchRequestEntry');
    return this.#answerEach(entries, (entry) => this.#changeVisibility(queue, entry));
  }

  /** Removes a message. What another has received since, or is gone, stays as it is. */
  async #remove(queue: string, receipt: string | undefined): Promise<void> {
    await this.#checkReceipt(queue, receipt);
    const { attributes } = await this.#broker.book.get(queue);
    const done = this.#broker.ack(receipt as string);
    await unlessStale(attributes.fifo ? orExpired(done, receipt as string) : done, () => undefined);
  }

  async #changeVisibility(
    queue: string,
    { ReceiptHandle: receipt, VisibilityTimeout: seconds }: Omit<InputOf<'ChangeMessageVisibility'>, 'QueueUrl'>,
  ): Promise<void> {
    if (seconds === undefined) throw missing('VisibilityTimeout');
    checkRange('VisibilityTimeout', seconds, 0, VISIBILITY_SECONDS);
    await this.#checkReceipt(queue, receipt);
    const done = seconds === 0 ? this.#broker.release(receipt as string) : this.#extend(receipt as string, seconds);
    const { attributes } = await this.#broker.book.get(queue);
    await unlessStale(attributes.fifo ? orExpired(done, receipt as string) : done, () => {
      throw badValue('ReceiptHandle', receipt, 'Message does not exist or is not available for visibility timeout change.');
    });
  }

  /** Sets when a message is visible. One that is already, and that nobody has received since, is hidden again. */
  async #extend(receipt: string, seconds: number): Promise<void> {
    try {
      await this.#broker.extend(receipt, seconds);
    } catch (error) {
      if (isHoldfastError(error, 'HOLDFAST_MESSAGE_NOT_IN_FLIGHT')) return this.#broker.release(receipt, { delaySeconds: seconds });
      if (!isHoldfastError(error, 'HOLDFAST_OPTION_INVALID')) throw error;
      throw badValue('VisibilityTimeout', seconds, `Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS} seconds]`);
    }
  }

  /** A handle is good for the queue that it was received from. */
  async #checkReceipt(queue: string, receipt: string | undefined): Promise<void> {
    if (!receipt) throw missing('ReceiptHandle');
    const from = await this.#broker.queueOf(receipt).catch((error: unknown) => {
      throw isHoldfastError(error, 'HOLDFAST_RECEIPT_INVALID') ? badReceipt(receipt) : error;
    });
    if (from !== queue) throw badReceipt(receipt);
  }

  async #answerEach<Entry extends { readonly ReceiptHandle?: string | undefined }>(
    entries: readonly Named<Entry>[],
    act: (entry: Named<Entry>) => Promise<void>,
  ): Promise<BatchAnswer> {
    const ended = await Promise.allSettled(entries.map(act));
    return this.#answer(entries, (_, at) => {
      const one = ended[at] as PromiseSettledResult<void>;
      if (one.status === 'rejected') throw one.reason;
      return {};
    });
  }

  #attempt<Value>(make: () => Value): Attempt<Value> {
    try {
      return { ok: true, value: make() };
    } catch (error) {
      return { ok: false, error };
    }
  }

  /** Answers for each entry by itself. */
  #answer<Entry>(entries: readonly Named<Entry>[], told: (entry: Named<Entry>, at: number) => object): BatchAnswer {
    const Successful: object[] = [];
    const Failed: FailedEntry[] = [];
    entries.forEach((entry, at) => {
      const one = this.#attempt(() => told(entry, at));
      if (one.ok) Successful.push({ Id: entry.Id, ...one.value });
      else Failed.push(this.#failed(entry.Id, one.error));
    });
    return { ...(Successful.length > 0 ? { Successful } : {}), ...(Failed.length > 0 ? { Failed } : {}) };
  }

  #failed(id: string, error: unknown): FailedEntry {
    const known = failedEntry(id, error);
    if (known) return known;
    this.#onBug(error);
    return {
      Id: id,
      SenderFault: false,
      Code: 'InternalFailure',
      Message: 'The entry could not be carried out. The log of the server has the reason.',
    };
  }
}

/** Returns what the answer to a sender names a message by. */
const sentAs = ({ id, sequence }: Sent): object => ({ MessageId: id, ...(sequence === undefined ? {} : { SequenceNumber: sequence }) });

/** What came of an attempt. */
type Attempt<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown };

const badReceipt = (receipt: string): SqsFault =>
  new SqsFault('ReceiptHandleIsInvalid', `The input receipt handle "${shown(receipt)}" is not a valid receipt handle.`);

function valueOf<Value>(answer: EntryAnswer<Value>): Value {
  if (answer.ok) return answer;
  throw answer.error;
}

/** Waits for an action with a receipt. One that is stale changes nothing; `onGone` says what becomes of a message that is not there any more. */
async function unlessStale(done: Promise<unknown>, onGone: () => void): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (isHoldfastError(error, 'HOLDFAST_RECEIPT_STALE')) return;
    if (!isHoldfastError(error, 'HOLDFAST_MESSAGE_GONE')) throw error;
    onGone();
  }
}

/** In a FIFO queue a handle whose visibility timeout is over is refused: another consumer may have the group. */
async function orExpired(done: Promise<unknown>, receipt: string): Promise<void> {
  try {
    await done;
  } catch (error) {
    throw isHoldfastError(error, 'HOLDFAST_RECEIPT_STALE') ? badValue('ReceiptHandle', receipt, 'The receipt handle has expired.') : error;
  }
}

function checkRange(parameter: string, value: number | undefined, from: number, to: number): void {
  if (value === undefined || (value >= from && value <= to)) return;
  throw badValue(parameter, value, `Must be >= ${from} and <= ${to}, if provided.`);
}

function checkSize(bytes: number, most: number, words = 'are invalid'): void {
  if (bytes <= most) return;
  throw new SqsFault('InvalidParameterValue', `One or more parameters ${words}. Reason: Message must be shorter than ${most} bytes.`);
}

/** Refuses a batch that is too large as a whole, by the texts that it has. */
function checkBatchSize(entries: readonly WireMessage[]): void {
  const bytes = entries.reduce((total, { MessageBody = '', MessageAttributes = {} }) => {
    const attributes = Object.entries(MessageAttributes).map(
      ([name, { DataType = '', StringValue = '', BinaryValue = '' }]) =>
        Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64'),
    );
    return total + Buffer.byteLength(MessageBody) + attributes.reduce((sum, size) => sum + size, 0);
  }, 0);
  if (bytes <= SQS_MESSAGE_BYTES) return;
  throw new SqsFault('BatchRequestTooLong', `Batch requests cannot be longer than ${SQS_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`);
}
