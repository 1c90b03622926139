import { randomUUID } from 'node:crypto';
import type { ClaimRequest, HeldLease, ListRequest, Settlement, TaskStore } from '../../modules/ports/taskStore';
import type { Change } from '../../modules/task/change';
import { newTask } from '../../modules/task/newTask';
import type { Lease, NewTask, Task, TaskHead } from '../../modules/task/task';

export const QUEUE = 'q';

/** A task that is due at once by default. */
export const sample = (fields: Partial<NewTask> = {}): NewTask => ({ ...newTask(QUEUE, 'work', { n: 1 }), ...fields });

export const samples = (count: number, fields: Partial<NewTask> = {}): NewTask[] => Array.from({ length: count }, () => sample(fields));

/** A claim of all tasks, with a token of its own. */
export const claimRequest = (fields: Partial<ClaimRequest> = {}): ClaimRequest => ({
  queues: [QUEUE],
  limit: 1_000,
  token: randomUUID(),
  workerId: 'worker',
  leaseMs: 30_000,
  deadlineMs: 10_000,
  alone: true,
  beside: false,
  except: [],
  ...fields,
});

/** Claims, and returns the tasks alone. */
export const claim = async (tasks: TaskStore, fields: Partial<ClaimRequest> = {}): Promise<Task[]> => (await tasks.claim(claimRequest(fields))).tasks;

/** Adds tasks and claims them under one token. */
export async function claimed(tasks: TaskStore, count: number, fields: Partial<ClaimRequest> = {}, given: Partial<NewTask> = {}): Promise<Task[]> {
  await tasks.insert(samples(count, given));
  return claim(tasks, fields);
}

/** Adds one task and claims it. */
export const claimedOne = async (tasks: TaskStore, fields: Partial<ClaimRequest> = {}, given: Partial<NewTask> = {}): Promise<Task> =>
  the((await claimed(tasks, 1, fields, given))[0]);

/** Returns a value that must be there. */
export function the<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('nothing is there');
  return value;
}

export const leaseOf = (task: TaskHead): Lease => the(task.lease);

export const tokenOf = (task: TaskHead): string => leaseOf(task).token;

/** Returns the task as it is in the store now. */
export const reread = async (tasks: TaskStore, { id }: { readonly id: string }): Promise<Task> => the(await tasks.find(null, id));

/** The lease of a running task, as a heartbeat names it. */
export const heldLease = (task: TaskHead, token = tokenOf(task)): HeldLease => ({ id: task.id, queue: task.queue, token });

/** Returns the tasks of a page. */
export const listed = async (tasks: TaskStore, request: ListRequest): Promise<Task[]> => (await tasks.list(request)).tasks;

/** The write of a worker that holds the lease. */
export const settlement = (task: TaskHead & Pick<Task, 'place'>, change: Change, fields: Partial<Settlement> = {}): Settlement => ({
  id: task.id,
  queue: task.queue,
  place: task.place,
  guard: { token: tokenOf(task) },
  change,
  by: tokenOf(task),
  ...fields,
});

export const idsOf = (tasks: readonly { readonly id: string }[]): string[] => tasks.map(({ id }) => id);

export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Repeats a call until its answer is neither false nor empty. Only the time limit of the test ends it. */
export async function until<T>(ask: () => T | Promise<T>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (Array.isArray(answer) ? answer.length > 0 : answer) return answer;
    await pause(10);
  }
}

/** Adds a task, claims it and lets its lease expire. */
export async function expiredOne(tasks: TaskStore): Promise<TaskHead> {
  await claimedOne(tasks, { leaseMs: 100 });
  const [task] = await until(() => tasks.expired(10));
  return the(task);
}
