import type { QueueAttributes } from '../../config/brokerOptions';
import { VISIBILITY_SECONDS, WAIT_SECONDS } from '../../constants/brokerLimits';
import {
  SQS_DELAY_SECONDS,
  SQS_LEAST_MESSAGE_BYTES,
  SQS_LEAST_RETENTION_SECONDS,
  SQS_MESSAGE_BYTES,
  SQS_RETENTION_SECONDS,
} from '../../constants/sqsLimits';
import { isRedriveAllowPolicy } from './redriveAllowPolicy';
import { SqsFault } from './sqsFault';

/** The attributes of a queue of the broker whose values are numbers. */
type NumberAttribute = 'visibilityTimeoutSeconds' | 'retentionSeconds' | 'delaySeconds' | 'maxMessageBytes' | 'waitSeconds';

/** How the value of an attribute is kept. */
type Kept =
  | { readonly as: 'number'; readonly native: NumberAttribute; readonly from: number; readonly to: number }
  /** A text that is stored and returned. */
  | { readonly as: 'text'; readonly holds: (value: string) => boolean }
  | { readonly as: 'redrive' }
  | { readonly as: 'fifo' }
  /** It is told, and cannot be set. */
  | { readonly as: 'told' };

/** An attribute of a queue. */
export interface AttributeRow {
  readonly kept: Kept;
  /** How it differs from SQS, for the documents; empty if it does not. */
  readonly note: string;
}

const number = (native: NumberAttribute, from: number, to: number, note = ''): AttributeRow => ({ kept: { as: 'number', native, from, to }, note });
const stored = (holds: (value: string) => boolean, note = 'stored and returned, without effect'): AttributeRow => ({
  kept: { as: 'text', holds },
  note,
});
const told = (note = ''): AttributeRow => ({ kept: { as: 'told' }, note });
const fifo = (note = ''): AttributeRow => ({ kept: { as: 'fifo' }, note });

const isTruth = (value: string): boolean => value === 'true' || value === 'false';
const isBetween =
  (from: number, to: number) =>
  (value: string): boolean =>
    /^\d{1,10}$/.test(value) && Number(value) >= from && Number(value) <= to;
const isShort = (value: string): boolean => value.length <= 2_048;

/** Tells whether a text is a JSON object. */
export function isJsonObject(value: string): boolean {
  try {
    const read: unknown = JSON.parse(value);
    return typeof read === 'object' && read !== null && !Array.isArray(read);
  } catch {
    return false;
  }
}

/** The attributes of a queue. */
export const QUEUE_ATTRIBUTES = {
  ApproximateNumberOfMessages: told('counted up to 10,000'),
  ApproximateNumberOfMessagesDelayed: told('counted up to 10,000'),
  ApproximateNumberOfMessagesNotVisible: told('counted up to 10,000'),
  CreatedTimestamp: told(),
  LastModifiedTimestamp: told(),
  QueueArn: told('region and account are those of the request'),
  DelaySeconds: number('delaySeconds', 0, SQS_DELAY_SECONDS),
  MaximumMessageSize: number('maxMessageBytes', SQS_LEAST_MESSAGE_BYTES, SQS_MESSAGE_BYTES),
  MessageRetentionPeriod: number('retentionSeconds', SQS_LEAST_RETENTION_SECONDS, SQS_RETENTION_SECONDS, 'a message in flight does not end'),
  ReceiveMessageWaitTimeSeconds: number('waitSeconds', 0, WAIT_SECONDS),
  VisibilityTimeout: number('visibilityTimeoutSeconds', 0, VISIBILITY_SECONDS),
  RedrivePolicy: { kept: { as: 'redrive' }, note: '' },
  RedriveAllowPolicy: stored(isRedriveAllowPolicy, 'held when a RedrivePolicy is set by SQS, not when a dead-letter queue is named natively'),
  FifoQueue: fifo(),
  ContentBasedDeduplication: fifo(),
  DeduplicationScope: fifo(),
  FifoThroughputLimit: fifo('stored and returned: there is no limit'),
  Policy: stored(isJsonObject),
  KmsMasterKeyId: stored(isShort),
  KmsDataKeyReusePeriodSeconds: stored(isBetween(60, 86_400)),
  SqsManagedSseEnabled: stored(isTruth, 'stored and returned, without effect; by default `false`, as nothing is encrypted'),
} as const satisfies Readonly<Record<string, AttributeRow>>;

export type AttributeName = keyof typeof QUEUE_ATTRIBUTES;

/** The names of attributes of the broker that have no row of their own in the table. */
const NAMES: Readonly<Partial<Record<keyof QueueAttributes, AttributeName>>> = {
  fifo: 'FifoQueue',
  contentBasedDeduplication: 'ContentBasedDeduplication',
  deduplicationScope: 'DeduplicationScope',
};

/** Returns the name by which SQS knows an attribute of the broker. What is left belongs to the policy of dead letters. */
export function nameOfNative(native: keyof QueueAttributes): AttributeName {
  const rows = Object.entries(QUEUE_ATTRIBUTES) as [AttributeName, AttributeRow][];
  const [name] = rows.find(([, { kept }]) => kept.as === 'number' && kept.native === native) ?? [];
  return name ?? NAMES[native] ?? 'RedrivePolicy';
}

/** The values that SQS does not keep, as they are the defaults. */
const UNKEPT: Readonly<Record<string, string>> = { KmsDataKeyReusePeriodSeconds: '300' };

/** Attributes that are given, by their names; the fifo ones as the broker has them. */
export interface GivenAttributes {
  readonly native: Partial<Pick<QueueAttributes, NumberAttribute>>;
  /** Texts to keep; an empty one removes what was kept. */
  readonly extras: Readonly<Record<string, string>>;
  /** The text of the RedrivePolicy; empty to remove it. */
  readonly redrivePolicy?: string;
  /** FifoQueue, ContentBasedDeduplication, DeduplicationScope and FifoThroughputLimit as given. */
  readonly fifo: Readonly<Record<string, string>>;
}

const rowOf = (name: string): AttributeRow | undefined =>
  Object.hasOwn(QUEUE_ATTRIBUTES, name) ? QUEUE_ATTRIBUTES[name as AttributeName] : undefined;

/**
 * Reads attributes of a request.
 *
 * @throws SqsFault
 */
export function readAttributes(given: Readonly<Record<string, string>>): GivenAttributes {
  const native: Partial<Record<NumberAttribute, number>> = {};
  const [extras, fifoTexts]: [Record<string, string>, Record<string, string>] = [{}, {}];
  let redrivePolicy: string | undefined;
  for (const [written, value] of Object.entries(given)) {
    const name = written.trim();
    const kept = rowOf(name)?.kept;
    if (!kept || kept.as === 'told') throw new SqsFault('InvalidAttributeName', `Unknown Attribute ${name.slice(0, 128)}.`);
    if (kept.as === 'number') native[kept.native] = numberOf(name, value, kept);
    else if (kept.as === 'redrive') redrivePolicy = value;
    else if (kept.as === 'fifo') fifoTexts[name] = value;
    else if (value === '' || kept.holds(value)) extras[name] = value === UNKEPT[name] ? '' : value;
    else throw badAttribute(name);
  }
  return { native, extras: withOneEncryption(extras), fifo: fifoTexts, ...(redrivePolicy === undefined ? {} : { redrivePolicy }) };
}

/** Lets the encryption that is named last take the place of the other one, as a queue has one at most. */
function withOneEncryption(extras: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { KmsMasterKeyId: key, SqsManagedSseEnabled: managed } = extras;
  if (key && managed === 'true') throw new SqsFault('InvalidAttributeName', 'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.'); // prettier-ignore
  if (key) return { ...extras, SqsManagedSseEnabled: '' };
  return managed === 'true' ? { ...extras, KmsMasterKeyId: '' } : extras;
}

function numberOf(name: string, value: string, { from, to }: { readonly from: number; readonly to: number }): number {
  if (isBetween(from, to)(value)) return Number(value);
  throw badAttribute(name);
}

export const badAttribute = (name: string): SqsFault => new SqsFault('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

/**
 * Checks the names of attributes that a request asks for, and tells which of all it wants.
 *
 * @throws SqsFault
 */
export function wantedAttributes(names: readonly string[]): (name: AttributeName) => boolean {
  for (const name of names)
    if (name !== 'All' && !rowOf(name)) throw new SqsFault('InvalidAttributeName', `Unknown Attribute ${name.slice(0, 128)}.`);
  const isAll = names.includes('All');
  return (name) => isAll || names.includes(name);
}
