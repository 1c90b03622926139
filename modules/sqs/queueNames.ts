import { BROKER_QUEUE_PATTERN } from '../../config/brokerOptions';
import { noQueue, SqsFault } from './sqsFault';

/** Where a client sees the queues: the beginning of their URLs, and what their ARNs name. */
export interface Place {
  /** Without a slash at its end. */
  readonly base: string;
  readonly region: string;
  readonly account: string;
}

const NEW_NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+(?:\.fifo)?$/;
const ANY_NAME = new RegExp(BROKER_QUEUE_PATTERN);

export const FIFO_SUFFIX = '.fifo';

/** Checks the name of a queue to be made. */
export function newQueueName(name: string): string {
  if (NEW_NAME.test(name) && ANY_NAME.test(name)) return name;
  if (NEW_NAME.test(name)) throw new SqsFault('InvalidParameterValue', 'The name of a queue begins with a letter or digit here.');
  throw new SqsFault('InvalidParameterValue', 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
}

/** Reads the name of a queue from its URL, of which only the path counts: behind a proxy a client may know another host. A bare name is read as well. */
export function queueOfUrl(url: string): string {
  const isWhole = /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
  if (isWhole && !URL.canParse(url)) throw noQueue();
  return queueOfPath(isWhole ? new URL(url).pathname : url);
}

/** Reads the name of a queue from the last part of a path. */
export function queueOfPath(path: string): string {
  return knownName(decoded(path.slice(path.lastIndexOf('/') + 1)));
}

export const isKnownName = (name: string): boolean => ANY_NAME.test(name);

/** Returns the name of a queue that may be there. */
export function knownName(name: string): string {
  if (isKnownName(name)) return name;
  throw noQueue();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A wrong escape is no name of a queue.
    return '';
  }
}

export const urlOf = (queue: string, { base, account }: Place): string => `${base}/${account}/${encodeURIComponent(queue)}`;

export const arnOf = (queue: string, { region, account }: Place): string => `arn:aws:sqs:${region}:${account}:${queue}`;

/** Reads the name of a queue from an ARN. Regions and accounts are not told apart. */
export function queueOfArn(arn: unknown): string | undefined {
  const [, name = ''] = /^arn:[\w-]{1,32}:sqs:[\w-]{0,64}:\d{0,20}:(.{1,128})$/.exec(typeof arn === 'string' ? arn : '') ?? [];
  return ANY_NAME.test(name) ? name : undefined;
}
