import type { TaskView } from '../task/taskView';
import type { Json, TaskDetail, TaskSummary } from './backend';

/** Returns a value as its JSON is read again: a Date becomes its ISO text. */
export const asJson = <Shown>(value: unknown): Shown => JSON.parse(JSON.stringify(value)) as Shown;

/** Returns what a list shows of a task. */
export const summaryOf = (task: TaskView): TaskSummary => asJson<TaskSummary>(heads(task));

/** Returns what is shown of one task. */
export const detailOf = (task: TaskView): TaskDetail => {
  const { payload, result, progress, metadata, deadline, attempts, log, error } = task;
  return asJson<TaskDetail>({ ...heads(task), error, payload, result, progress, metadata, deadline, attempts, log });
};

function heads({ id, queue, name, state, attempt, failures, maxRetries, priority, createdAt, availableAt, finishedAt, ...rest }: TaskView): object {
  const { lease, tags, uniqueKey, error } = rest;
  return {
    ...{ id, queue, name, state, attempt, failures, maxRetries, priority, createdAt, availableAt, finishedAt },
    ...{ workerId: lease?.workerId ?? null, tags, uniqueKey, error: error && { name: error.name, message: error.message } },
  };
}

/** Returns a JSON text for a reader, on one line. */
export const shownJson = (value: Json | undefined): string => (value === undefined ? '' : JSON.stringify(value));
