import type { TaskView } from '../task/taskView';
import { clipText } from '../values/clipText';
import type { HiddenField, ShownStep, TaskDetail, TaskSummary } from './adminTypes';
import type { Step } from '../ports/stepStore';
import { redacted } from './redacted';

/** Characters of a payload and of a message in a list. */
const PREVIEW_CHARACTERS = 160;
const MESSAGE_CHARACTERS = 300;

/** Returns what a list and the whole of a task have in common. */
const common = ({ tags, uniqueKey, ...task }: TaskView, nowMs: number): Omit<TaskSummary, 'error' | 'preview' | 'progress'> => ({
  ...{ id: task.id, queue: task.queue, name: task.name, state: task.state },
  isDelayed: task.state === 'waiting' && task.availableAt.getTime() > nowMs,
  ...{ priority: task.priority, attempt: task.attempt, failures: task.failures, maxRetries: task.maxRetries },
  ...{ createdAt: task.createdAt, availableAt: task.availableAt, finishedAt: task.finishedAt },
  durationMs: task.attempts.at(-1)?.durationMs ?? null,
  workerId: task.lease?.workerId ?? task.attempts.at(-1)?.workerId ?? null,
  ...{ uniqueKey, tags },
});

/** Returns a task as a list shows it, without its secrets. */
export function summaryOf(task: TaskView, nowMs: number): TaskSummary {
  const { error } = task;
  const shown = error && redacted({ name: error.name, message: clipText(error.message, MESSAGE_CHARACTERS) }).value;
  return {
    ...common(task, nowMs),
    progress: redacted(task.progress ?? null).value,
    error: error && shown && { ...shown, ...(error.code === undefined ? {} : { code: error.code }), ...groupOf(error.group) },
    preview: previewOf(task.payload),
  };
}

const groupOf = (group: string | undefined): { readonly group?: string } => (group === undefined ? {} : { group });

/** The beginning of a payload in one line. What is cut off is not looked through for secrets. */
function previewOf(payload: unknown): string {
  const { value } = redacted(payload);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return clipText(text, PREVIEW_CHARACTERS).replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}

/** Returns a task as a whole, without its secrets. */
export function detailOf(task: TaskView, nowMs: number): TaskDetail {
  const { payload, result = null, metadata, progress = null, error, attempts, log, lease } = task;
  const parts = {
    payload: redacted<unknown>(payload),
    result: redacted(result),
    metadata: redacted<unknown>(metadata),
    progress: redacted(progress),
  };
  const told = { error: redacted(error), attempts: redacted(attempts), log: redacted(log) };
  const hidden = Object.entries({ ...parts, ...told }).flatMap(([field, { isHidden }]) => (isHidden ? [field as HiddenField] : []));
  return {
    ...common(task, nowMs),
    ...{ payload: parts.payload.value, result: parts.result.value, metadata: parts.metadata.value, progress: parts.progress.value },
    ...{ error: told.error.value, attempts: told.attempts.value, log: told.log.value },
    ...{ deadline: task.deadline, settings: task.settings, sleeps: task.sleeps, followUps: task.followUps },
    lease: lease && { workerId: lease.workerId, expiresAt: lease.expiresAt },
    hidden,
  };
}

/** Returns a step as a reader may see it. */
export function shownStep({ value, ...step }: Step): ShownStep {
  const shown = redacted(value === null ? null : (JSON.parse(value) as unknown));
  return { ...step, value: shown.value, isHidden: shown.isHidden };
}
