import type { QueueChanges } from '../../config/brokerOptions';
import { QUEUE_TAGS } from '../../constants/brokerLimits';
import { SQS_PAGE_QUEUES } from '../../constants/sqsLimits';
import type { QueueStats } from '../../modules/broker/brokerTypes';
import { deadQueueOf } from '../../modules/broker/deadQueueOf';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { InputOf } from '../../modules/sqs/inputs';
import { nameOfNative, QUEUE_ATTRIBUTES, readAttributes, wantedAttributes } from '../../modules/sqs/queueAttributes';
import type { AttributeName, GivenAttributes } from '../../modules/sqs/queueAttributes';
import { fifoAttributeOf, fifoAttributes, isNewFifo } from '../../modules/sqs/fifo';
import { arnOf, FIFO_SUFFIX, isKnownName, knownName, newQueueName, urlOf } from '../../modules/sqs/queueNames';
import { allowsSource } from '../../modules/sqs/redriveAllowPolicy';
import { readRedrivePolicy, redrivePolicyOf } from '../../modules/sqs/redrivePolicy';
import { badValue, missing, SqsFault } from '../../modules/sqs/sqsFault';
import type { Broker } from '../broker/broker';
import type { Extras, QueueEntry } from '../broker/queueBook';
import type { SqsCall } from './sqsCall';

const COUNTS: Readonly<Partial<Record<AttributeName, keyof QueueStats>>> = {
  ApproximateNumberOfMessages: 'waiting',
  ApproximateNumberOfMessagesDelayed: 'delayed',
  ApproximateNumberOfMessagesNotVisible: 'inFlight',
};

/** The actions on queues as a whole. */
export class QueueActions {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  async create({ QueueName, Attributes = {}, tags = {} }: InputOf<'CreateQueue'>, call: SqsCall): Promise<object> {
    if (QueueName === undefined) throw missing('QueueName');
    const name = newQueueName(QueueName);
    call.check('admin', name);
    const given = readAttributes(Attributes);
    const isFifo = isNewFifo(name, given.fifo);
    const fifo = fifoAttributes(given.fifo, isFifo);
    const changes = { ...(await this.#changesOf(name, given, call)), ...fifo.native, ...(isFifo ? { fifo: true } : {}) };
    const kept = withoutEmpty({ ...given.extras, ...fifo.extras, ...(given.redrivePolicy ? { RedrivePolicy: given.redrivePolicy } : {}) });
    checkTagCount(tags, name);
    try {
      await this.#broker.book.create(name, { maxReceiveCount: 0, ...changes }, tags, kept);
    } catch (error) {
      if (!isHoldfastError(error, 'HOLDFAST_QUEUE_EXISTS')) throw error;
    }
    refuseOther(await this.#broker.book.read(name), changes, kept);
    return { QueueUrl: urlOf(name, call) };
  }

  async url({ QueueName }: InputOf<'GetQueueUrl'>, call: SqsCall): Promise<object> {
    if (!QueueName) throw missing('QueueName');
    const name = knownName(QueueName);
    call.check('read', name);
    await this.#broker.book.read(name);
    return { QueueUrl: urlOf(name, call) };
  }

  async list({ QueueNamePrefix = '', MaxResults, NextToken }: InputOf<'ListQueues'>, call: SqsCall): Promise<object> {
    const limit = pageSize(MaxResults);
    const { prefix } = call;
    const isWithin = QueueNamePrefix.startsWith(prefix);
    if (!isWithin && !prefix.startsWith(QueueNamePrefix)) return {};
    const found = await this.#broker.book.list(isWithin ? QueueNamePrefix : prefix, limit + 1, nameOfToken(NextToken));
    return page('QueueUrls', found.map(({ name }) => name), limit, MaxResults, call); // prettier-ignore
  }

  async remove(queue: string): Promise<object> {
    await this.#broker.deleteQueue(queue);
    return {};
  }

  async purge(queue: string): Promise<object> {
    await this.#broker.purge(queue);
    return {};
  }

  async attributes(queue: string, { AttributeNames = [] }: InputOf<'GetQueueAttributes'>, call: SqsCall): Promise<object> {
    const entry = await this.#broker.book.read(queue);
    const isWanted = wantedAttributes(AttributeNames);
    const names = (Object.keys(QUEUE_ATTRIBUTES) as AttributeName[]).filter(isWanted);
    const stats = names.some((name) => name in COUNTS) ? await this.#broker.stats(queue) : undefined;
    const pairs = names.map((name) => [name, attributeOf(name, entry, stats, call)] as const).filter(([, value]) => value !== undefined);
    return pairs.length > 0 ? { Attributes: Object.fromEntries(pairs) } : {};
  }

  async configure(queue: string, { Attributes }: InputOf<'SetQueueAttributes'>, call: SqsCall): Promise<object> {
    const { book } = this.#broker;
    const entry = await book.read(queue);
    if (!Attributes || Object.keys(Attributes).length === 0) throw missing('Attribute.Name');
    const given = readAttributes(Attributes);
    const fifo = fifoAttributes(given.fifo, entry.attributes.fifo);
    const changes = { ...(await this.#changesOf(queue, given, call)), ...fifo.native };
    const policy = given.redrivePolicy === undefined ? {} : { RedrivePolicy: given.redrivePolicy };
    await book.change(queue, ({ tags, extras }) => ({
      attributes: changes,
      tags,
      extras: withoutEmpty({ ...extras, ...given.extras, ...fifo.extras, ...policy }),
    }));
    return {};
  }

  /** Changes the policy of a queue by its text. */
  async changePolicy(queue: string, change: (policy: string | undefined) => string): Promise<object> {
    await this.#broker.book.change(queue, ({ tags, extras }) => {
      const Policy = change(extras['Policy']);
      return { attributes: {}, tags, extras: withoutEmpty({ ...extras, Policy }) };
    });
    return {};
  }

  async tags(queue: string): Promise<object> {
    const { tags } = await this.#broker.book.read(queue);
    return Object.keys(tags).length > 0 ? { Tags: tags } : {};
  }

  async tag(queue: string, { Tags = {} }: InputOf<'TagQueue'>): Promise<object> {
    await this.#broker.book.read(queue);
    if (Object.keys(Tags).length === 0) throw missing('Tags');
    await this.#broker.book.change(queue, ({ tags, extras }) => {
      checkTagCount({ ...tags, ...Tags }, queue);
      return { attributes: {}, tags: { ...tags, ...Tags }, extras };
    });
    return {};
  }

  async untag(queue: string, { TagKeys = [] }: InputOf<'UntagQueue'>): Promise<object> {
    await this.#broker.book.read(queue);
    if (TagKeys.length === 0) throw new SqsFault('InvalidParameterValue', 'Tag keys must be between 1 and 128 characters in length.');
    await this.#broker.book.change(queue, ({ tags, extras }) => {
      const left = Object.entries(tags).filter(([key]) => !TagKeys.includes(key));
      return { attributes: {}, tags: Object.fromEntries(left), extras };
    });
    return {};
  }

  /** Lists the queues whose messages move to this one. All queues of the caller are looked at. */
  async sources(queue: string, { MaxResults, NextToken }: InputOf<'ListDeadLetterSourceQueues'>, call: SqsCall): Promise<object> {
    const { book } = this.#broker;
    await book.read(queue);
    const limit = pageSize(MaxResults);
    const sources: string[] = [];
    for (let after = nameOfToken(NextToken), entries: QueueEntry[]; sources.length <= limit; after = entries.at(-1)?.name) {
      entries = await book.list(call.prefix, SQS_PAGE_QUEUES, after);
      const own = entries.filter(({ name, attributes }) => attributes.maxReceiveCount > 0 && deadQueueOf(name, attributes) === queue);
      sources.push(...own.map(({ name }) => name));
      if (entries.length < SQS_PAGE_QUEUES) break;
    }
    return { queueUrls: [], ...page('queueUrls', sources, limit, MaxResults, call) };
  }

  /** Returns what given attributes change in the broker. */
  async #changesOf(queue: string, { native, redrivePolicy }: GivenAttributes, call: SqsCall): Promise<QueueChanges> {
    const target = redrivePolicy === undefined ? undefined : readRedrivePolicy(redrivePolicy);
    if (target === undefined) return native;
    if (target === null) return { ...native, maxReceiveCount: 0 };
    call.check('admin', target.deadLetterQueue);
    await this.#checkTarget(queue, target.deadLetterQueue);
    return { ...native, ...target };
  }

  async #checkTarget(queue: string, target: string): Promise<void> {
    const reason = (text: string): SqsFault => new SqsFault('InvalidParameterValue', `Value for parameter RedrivePolicy is invalid. Reason: ${text}`);
    if (queue.endsWith(FIFO_SUFFIX) !== target.endsWith(FIFO_SUFFIX)) throw reason('Dead-letter queue must be same type of queue as the source.');
    const { extras } = await this.#broker.book.read(target).catch((error: unknown) => {
      throw isHoldfastError(error, 'HOLDFAST_QUEUE_UNKNOWN') ? reason('Dead letter target does not exist.') : error;
    });
    if (!allowsSource(extras['RedriveAllowPolicy'], queue))
      throw reason('The RedriveAllowPolicy of the dead letter target does not allow this queue.');
  }
}

/** Returns the value of an attribute; undefined if the queue does not have it. */
function attributeOf(
  name: AttributeName,
  { name: queue, attributes, extras, createdAt, modifiedAt }: QueueEntry,
  stats: QueueStats | undefined,
  call: SqsCall,
): string | undefined {
  const { kept } = QUEUE_ATTRIBUTES[name];
  if (kept.as === 'number') return String(attributes[kept.native]);
  if (kept.as === 'text') return extras[name] ?? (name === 'SqsManagedSseEnabled' ? 'false' : undefined);
  if (kept.as === 'redrive') return redrivePolicyOf(queue, attributes, extras['RedrivePolicy'], call);
  if (kept.as === 'fifo') return fifoAttributeOf(name, attributes, extras);
  const count = COUNTS[name];
  if (count !== undefined) return String(stats?.[count] ?? 0);
  if (name === 'QueueArn') return arnOf(queue, call);
  if (name === 'CreatedTimestamp') return seconds(createdAt);
  return name === 'LastModifiedTimestamp' ? seconds(modifiedAt) : undefined;
}

const seconds = (at: Date): string => String(Math.floor(at.getTime() / 1_000));

const withoutEmpty = (extras: Extras): Extras => Object.fromEntries(Object.entries(extras).filter(([, value]) => value !== ''));

/** Refuses to make a queue that is there with other attributes than those named. */
function refuseOther({ attributes, extras }: QueueEntry, changes: QueueChanges, kept: Extras): void {
  const natively = Object.entries(changes).find(([key, value]) => attributes[key as keyof QueueChanges] !== value);
  const asText = Object.entries(kept).find(([key, value]) => key !== 'RedrivePolicy' && extras[key] !== value);
  const differing = natively ? nameOfNative(natively[0] as keyof QueueChanges) : asText?.[0];
  if (differing === undefined) return;
  throw new SqsFault('QueueNameExists', `A queue already exists with the same name and a different value for attribute ${differing}`);
}

function checkTagCount(tags: Readonly<Record<string, string>>, queue: string): void {
  if (Object.keys(tags).length > QUEUE_TAGS) throw new SqsFault('InvalidParameterValue', `Too many tags added for queue ${queue}.`);
}

function pageSize(most: number | undefined): number {
  if (most === undefined) return SQS_PAGE_QUEUES;
  if (most >= 1 && most <= SQS_PAGE_QUEUES) return most;
  throw badValue('MaxResults', most, `MaxResults must be an integer between 1 and ${SQS_PAGE_QUEUES}.`);
}

/** A token is the name of the last queue of the page before, in base64. */
function nameOfToken(token: string | undefined): string | undefined {
  const name = token === undefined ? undefined : Buffer.from(token, 'base64url').toString();
  if (name !== undefined && !isKnownName(name)) throw badValue('NextToken', token, 'It is not the token of a page.');
  return name;
}

function page(field: string, names: readonly string[], limit: number, most: number | undefined, call: SqsCall): object {
  const shown = names.slice(0, limit);
  if (shown.length === 0) return {};
  const hasMore = names.length > limit && most !== undefined;
  const next = hasMore ? { NextToken: Buffer.from(shown.at(-1) ?? '').toString('base64url') } : {};
  return { [field]: shown.filter((name) => call.sees(name)).map((name) => urlOf(name, call)), ...next };
}
