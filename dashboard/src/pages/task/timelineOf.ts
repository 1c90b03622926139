import type { Attempt, LogLine, TaskAnswer } from '../../api/types';

/** An entry of the timeline: an attempt with its log lines, whether it has ended or not. */
export interface AttemptEntry extends Attempt {
  readonly isRunning: boolean;
  readonly log: readonly LogLine[];
}

/** Returns the attempts of a task, the last one first. The one that runs is not in its history yet, and a first success never is. */
export function attemptsOf({ task }: TaskAnswer): AttemptEntry[] {
  const last = task.attempts.at(-1)?.attempt ?? 0;
  const ended = task.attempts.map((attempt) => ({ ...attempt, isRunning: false }));
  const own = { attempt: task.attempt, workerId: task.workerId ?? '', isRunning: task.state === 'running' };
  const isUnknown = task.attempt > last;
  const all = [
    ...ended,
    ...(isUnknown && task.state === 'running' ? [{ ...own, ending: 'running' }] : []),
    ...(isUnknown && task.state === 'succeeded'
      ? [{ ...own, ending: 'succeeded', ...(task.durationMs === null ? {} : { durationMs: task.durationMs }) }]
      : []),
  ];
  return all.reverse().map((entry) => ({ ...entry, log: task.log.filter(({ attempt }) => attempt === entry.attempt) }));
}
