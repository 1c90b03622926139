import { SQS_PERMISSION_ACTIONS } from '../../constants/sqsLimits';
import { isRecord } from '../values/isRecord';
import type { InputOf } from './inputs';
import { arnOf } from './queueNames';
import type { Place } from './queueNames';
import { badValue, missing, SqsFault } from './sqsFault';

/** A statement of a policy, as far as permissions know it. */
interface Statement {
  readonly Sid?: unknown;
}

/** A policy. What others have written into it stays. */
interface Policy {
  readonly Statement: readonly Statement[];
}

/** Actions that one account may allow another. */
const ALLOWED: ReadonlySet<string> = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);

const LABEL = /^[A-Za-z0-9_-]{1,80}$/;

/**
 * Returns the text of a policy with another permission.
 *
 * @throws SqsFault
 */
export function withPermission(policy: string | undefined, queue: string, input: InputOf<'AddPermission'>, place: Place): string {
  const { Label = '', AWSAccountIds = [], Actions = [] } = input;
  checkPermission(Label, AWSAccountIds, Actions);
  const arn = arnOf(queue, place);
  const old = policyOf(policy) ?? { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] };
  if (old.Statement.some(({ Sid }) => Sid === Label)) throw badValue('Label', Label, 'Already exists.');
  const statement = {
    ...{ Sid: Label, Effect: 'Allow' },
    Principal: { AWS: oneOrAll(AWSAccountIds.map((id) => `arn:aws:iam::${id}:root`)) },
    Action: oneOrAll(Actions.map((action) => `SQS:${action}`)),
    Resource: arn,
  };
  return JSON.stringify({ ...old, Statement: [...old.Statement, statement] });
}

/**
 * Returns the text of a policy without a permission; empty if nothing is left.
 *
 * @throws SqsFault
 */
export function withoutPermission(policy: string | undefined, label: string | undefined): string {
  if (!label) throw missing('Label');
  const old = policyOf(policy);
  const left = old?.Statement.filter(({ Sid }) => Sid !== label) ?? [];
  if (!old) throw badValue('Label', label, "can't find label.");
  if (left.length === old.Statement.length) throw badValue('Label', label, "can't find label on existing policy.");
  return left.length === 0 ? '' : JSON.stringify({ ...old, Statement: left });
}

function checkPermission(label: string, accounts: readonly string[], actions: readonly string[]): void {
  if (actions.length === 0) throw missing('Actions');
  if (accounts.length === 0) throw badValue('PrincipalId', '[]', 'Unable to verify.');
  if (!LABEL.test(label)) throw badValue('Label', label, 'A label has 1 to 80 letters, digits, hyphens and underscores.');
  const account = accounts.find((id) => !/^\d{12}$/.test(id));
  if (account !== undefined) throw badValue('PrincipalId', `[${account}]`, 'Unable to verify.');
  if (actions.length > SQS_PERMISSION_ACTIONS)
    throw new SqsFault('OverLimit', `${actions.length} Actions were found, maximum allowed is ${SQS_PERMISSION_ACTIONS}.`);
  const refused = actions.find((action) => !ALLOWED.has(action));
  if (refused !== undefined) throw badValue('ActionName', `SQS:${refused}`, 'Only the queue owner is allowed to invoke this action.');
}

const oneOrAll = (texts: readonly string[]): string | readonly string[] => (texts.length === 1 ? (texts[0] as string) : texts);

/** Reads a stored policy, which was checked to be an object when it was set. */
function policyOf(text: string | undefined): Policy | undefined {
  const read: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!isRecord(read)) return undefined;
  const { Statement } = read;
  return { ...read, Statement: Array.isArray(Statement) ? (Statement as Statement[]).filter(isRecord) : isRecord(Statement) ? [Statement] : [] };
}
