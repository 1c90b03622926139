import type { TaskContext, TaskLog } from '../worker/taskContext';
import { LOG_LEVELS } from '../../constants/events';
import { redactText } from '../values/secretValues';

/** Context of `process`: that of a worker's handler, with the payload that the schema returned. */
export type EventContext<Payload> = Omit<TaskContext, 'payload'> & { readonly payload: Payload };

/** Makes the context of an event of that of its task; what is written by its log is without secrets. */
export function makeEventContext(context: TaskContext, payload: unknown, secrets: ReadonlySet<string>): TaskContext {
  let log: TaskLog | undefined;
  return new Proxy(context, {
    get: (target, key) => {
      if (key === 'payload') return payload;
      if (key === 'log') return (log ??= redactingLog(target.log, secrets));
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

function redactingLog(log: TaskLog, secrets: ReadonlySet<string>): TaskLog {
  const lines = LOG_LEVELS.map((level) => [level, (message: string) => log[level](redactText(String(message), secrets))]);
  return Object.fromEntries(lines) as TaskLog;
}
