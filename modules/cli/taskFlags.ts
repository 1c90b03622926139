import { taskOptions } from '../../config/options';
import type { TaskOptions } from '../../config/optionTypes';
import { resolveOptions } from '../options/resolveOptions';
import { readFlags } from './commandLine';
import { readPayload } from './readPayload';

/** The flags of a task that are the options of `queue.add`. */
export const TASK_FLAGS = [
  ...['delayMs', 'runAt', 'priority', 'maxRetries', 'timeoutMs', 'leaseMs', 'uniqueKey', 'deadline', 'tags', 'metadata'],
] as const;

/** Reads the options of a task from flags: instants are ISO texts, and the metadata is JSON. @throws HOLDFAST_OPTION_… */
export function readTaskFlags(flags: Readonly<Record<string, unknown>>): TaskOptions {
  const given = readFlags(taskOptions, TASK_FLAGS, flags);
  for (const name of ['runAt', 'deadline']) if (typeof given[name] === 'string') given[name] = dateOf(given[name]);
  if (typeof given['metadata'] === 'string') given['metadata'] = readPayload(given['metadata']);
  return resolveOptions(taskOptions, given, 'task');
}

/** Reads an instant. What is none is left as it is, and refused with its name. */
export const dateOf = (text: string): Date | string => (Number.isNaN(Date.parse(text)) ? text : new Date(text));
