import { isDeepStrictEqual } from 'node:util';
import type { BulkRequest } from '../../../modules/ports/bulk';
import type { HandOver } from '../../../modules/ports/followUpStore';
import type { ClaimRequest, Guard, HeldLease, Settlement } from '../../../modules/ports/taskStore';
import { STATE_MOVES } from '../../../constants/states';
import { redriveChange } from '../../../modules/task/outcome';
import type { Task } from '../../../modules/task/task';
import type { Entry } from '../referenceTables';

/** One task before and after one call to the store. */
export interface Step {
  readonly verb: string;
  readonly given: readonly unknown[];
  /** The time of the store. */
  readonly nowMs: number;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

/** Checks one step independently of the store. Returns the violated invariants. */
export function faultsOf(step: Step): string[] {
  const { verb, before, after } = step;
  if (before === after) return [];
  if (!before) return ['insert', 'handOver'].includes(verb) && isFresh(after?.task) ? [] : [`${verb} made a task`];
  if (!after) return verb === 'prune' && before.expireAtMs !== null && before.expireAtMs <= step.nowMs ? [] : [`${verb} lost a task`];
  if (!before.task) return [`${verb} wrote to a removed task`];
  const judge = JUDGES[verb];
  return judge ? judge(step, before.task, after.task) : [`${verb} wrote to a task`];
}

type Judge = (step: Step, before: Task, after: Task | null) => string[];

const JUDGES: Readonly<Record<string, Judge>> = {
  claim: judgeClaim,
  renew: judgeRenewal,
  settle: judgeSettlement,
  change: judgeBulkChange,
  report: judgeReport,
  handOver: judgeHandOver,
  record: judgeStep,
  take: judgeStep,
};

/** A step is written under its lease, and changes nothing of the task but its failures. */
function judgeStep({ given }: Step, before: Task, after: Task | null): string[] {
  const writes = given.flat() as readonly HeldLease[];
  return [
    ...unless(
      writes.some(({ id, token }) => id === before.id && token === before.lease?.token),
      'a step was written without a lease',
    ),
    ...unless(after !== null && isDeepStrictEqual({ ...after, failures: 0 }, { ...before, failures: 0 }), 'a step changed its task'),
    ...unless(after?.failures === before.failures || after?.failures === 0, 'a step counted failures'),
  ];
}

const isFresh = (task: Task | null | undefined): boolean =>
  task?.state === 'waiting' && task.attempt === 0 && task.failures === 0 && task.lease === null;

function judgeClaim({ given, nowMs }: Step, before: Task, after: Task | null): string[] {
  const request = given[0] as ClaimRequest;
  return [
    ...unless(before.state === 'waiting' && after?.state === 'running', 'a claim took a task that does not wait'),
    ...unless(after?.attempt === before.attempt + 1, 'a claim did not raise the attempt by one'),
    ...unless(after?.failures === before.failures, 'a claim changed the failures'),
    ...unless(before.availableAt.getTime() <= nowMs, 'a delayed task was claimed before its time'),
    ...unless(!before.suspect || request.alone, 'a suspect was claimed that was not asked for'),
    ...unless(after?.lease?.token === request.token, 'a claim gave a lease of another token'),
    ...unless(!request.except.includes(before.id), 'a task was claimed whose handler still runs here'),
  ];
}

function judgeRenewal({ given }: Step, before: Task, after: Task | null): string[] {
  return [
    ...unless(names(given, before), 'a lease was renewed under a stale token'),
    ...unless(timeOf(after?.lease?.expiresAt) >= timeOf(before.lease?.expiresAt), 'a lease was shortened'),
    ...unless(after?.attempt === before.attempt && after.state === before.state, 'a heartbeat changed a task'),
  ];
}

/** Tells whether a batch of leases names that of a task. */
const names = (given: readonly unknown[], { id, lease }: Task): boolean =>
  (given[0] as HeldLease[]).some((held) => held.id === id && held.token === lease?.token);

function judgeReport({ given }: Step, before: Task, after: Task | null): string[] {
  return [
    ...unless(names(given, before), 'progress was written under a stale token'),
    ...unless(isDeepStrictEqual({ ...after, progress: null }, { ...before, progress: null }), 'a report of progress changed a task'),
  ];
}

function judgeHandOver({ given }: Step, before: Task, after: Task | null): string[] {
  const { followUps: _followUps, ...rest } = before;
  return [
    ...unless((given[0] as HandOver[]).some(({ id }) => id === before.id) && before.followUps !== undefined, 'a hand-over wrote to a task'),
    ...unless(after === null || isDeepStrictEqual(after, rest), 'a hand-over changed its task'),
  ];
}

function judgeSettlement({ given, nowMs }: Step, before: Task, after: Task | null): string[] {
  const settlement = (given[0] as Settlement[]).find(({ id }) => id === before.id);
  if (!settlement) return ['a task was settled that nobody named'];
  const { guard, change } = settlement;
  const isRedrive = before.state === 'dead' && isDeepStrictEqual(change, redriveChange);
  return [
    ...unless(holds(before, guard), 'a settlement whose guard does not hold changed a task'),
    ...unless(STATE_MOVES[before.state].includes(after?.state === 'running' || !after ? 'removed' : after.state), 'an illegal move'),
    ...unless(before.state !== 'dead' || !after || isRedrive, 'a dead task moved without a redrive'),
    ...unless(!('expiresAt' in guard) || timeOf(before.lease?.expiresAt) <= nowMs, 'a lease was taken before its end'),
    ...unless(before.followUps === undefined, 'a task was changed that keeps follow-ups'),
    ...(after ? judgeOutcome(before, after, isRedrive) : []),
  ];
}

function judgeBulkChange({ given }: Step, before: Task, after: Task | null): string[] {
  const { filter, change } = given[0] as BulkRequest;
  const isRedrive = before.state === 'dead' && isDeepStrictEqual(change, redriveChange);
  return [
    ...unless(filter.queue === before.queue && filter.states.includes(before.state), 'a bulk action changed a task that its filter leaves out'),
    ...unless(before.followUps === undefined, 'a task was changed that keeps follow-ups'),
    ...unless(filter.ids?.includes(before.id) ?? true, 'a bulk action changed a task that nobody named'),
    ...unless(STATE_MOVES[before.state].includes(after?.state === 'running' || !after ? 'removed' : after.state), 'an illegal move'),
    ...(after ? judgeOutcome(before, after, isRedrive) : []),
  ];
}

function judgeOutcome(before: Task, after: Task, isRedrive: boolean): string[] {
  const risen = after.failures - before.failures;
  const isUnclear = before.lease?.beside === true;
  const isOwnCrash = (before.lease?.alone === true && !isUnclear) || before.maxRetries === 1;
  const diedOfExpiry = before.state === 'running' && after.state === 'dead' && after.error?.code === 'HOLDFAST_LEASE_EXPIRED';
  return [
    ...unless(after.state !== 'running' && after.lease === null, 'a settlement left a lease'),
    ...unless(after.attempt === before.attempt, 'a settlement changed the attempt'),
    ...unless(after.failures <= after.maxRetries, 'a task failed more often than maxRetries'),
    ...unless(isRedrive ? after.failures === 0 : risen === 0 || (risen === 1 && before.state === 'running'), 'failures were not counted one by one'),
    ...unless(after.state !== 'waiting' || after.failures < after.maxRetries, 'a task goes on after its last failure'),
    ...unless(!diedOfExpiry || isOwnCrash, 'a task died of a crash that may be that of a neighbour'),
    ...unless(after.state !== 'succeeded' || tokenIn(after.result) === before.lease?.token, 'the result of another attempt was recorded'),
  ];
}

/** Returns the token in a result: handlers of a simulation return the token of their lease. */
const tokenIn = (result: string | null): unknown => (result === null ? null : (JSON.parse(result) as { token: string }).token);

function holds(task: Task, guard: Guard): boolean {
  if ('rev' in guard) return guard.state === task.state && guard.rev === task.rev;
  if (task.lease === null || task.lease.token !== guard.token) return false;
  return !('expiresAt' in guard) || timeOf(guard.expiresAt) === timeOf(task.lease.expiresAt);
}

/** No two live tasks of a queue have the same unique key. */
export function twinsIn(tasks: readonly Task[]): string[] {
  const keys = tasks
    .filter(({ state, uniqueKey }) => uniqueKey !== null && (state === 'waiting' || state === 'running'))
    .map(({ queue, uniqueKey }) => `${queue} ${uniqueKey}`);
  return unless(new Set(keys).size === keys.length, 'two live tasks have one unique key');
}

const timeOf = (instant: Date | undefined): number => instant?.getTime() ?? NaN;

export const unless = (isSo: boolean, fault: string): string[] => (isSo ? [] : [fault]);
