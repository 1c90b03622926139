import { nameOption, taskOptions } from '../../config/options';
import type { TaskOptions } from '../../config/optionTypes';
import { METADATA_BYTES } from '../../constants/limits';
import { HoldfastError } from '../errors/holdfastError';
import { checkOptions } from '../options/checkOptions';
import { defaultsOf } from '../options/resolveOptions';
import { lastMade } from '../values/lastMade';
import { toJson } from './json';
import { newId } from './newId';
import type { Due, NewTask, TaskSettings } from './task';

const DEFAULTS = defaultsOf(taskOptions) as Readonly<Required<Pick<TaskOptions, 'priority' | 'maxRetries'>>>;
const DUE_NOW: Due = { delayMs: 0 };

/**
 * Creates a task from a name, a payload and options. All checks happen here, before anything is written.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN, HOLDFAST_OPTION_INVALID or one of HOLDFAST_PAYLOAD_…
 */
export function newTask(queue: string, name: string, payload: unknown, options: TaskOptions = {}, nowMs = Date.now()): NewTask {
  checkOptions(nameOption, name, 'name');
  checkOptions(taskOptions, options, 'options');
  checkTimes(options, nowMs);
  const { delayMs, runAt, priority = DEFAULTS.priority, maxRetries = DEFAULTS.maxRetries } = options;
  return {
    id: newId(),
    queue,
    name,
    payload: toJson(payload, 'payload'),
    due: runAt ? { at: new Date(runAt) } : delayMs ? { delayMs } : DUE_NOW,
    priority,
    maxRetries,
    settings: settingsOf(options),
    uniqueKey: options.uniqueKey ?? null,
  };
}

function checkTimes({ delayMs, runAt, deadline }: TaskOptions, nowMs: number): void {
  if (delayMs !== undefined && runAt !== undefined) throw invalid('options.runAt', 'left out where delayMs is given');
  if (deadline === undefined) return;
  if (deadline.getTime() <= nowMs) throw invalid('options.deadline', 'a Date that lies ahead');
  if (deadline.getTime() < (runAt?.getTime() ?? nowMs + (delayMs ?? 0))) throw invalid('options.deadline', 'no earlier than the task is due');
}

const invalid = (field: string, expected: string): HoldfastError => new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected });

/**
 * Copies the settings, so that later changes to the caller's options have no effect. Undefined ones are left out.
 *
 * Tasks added together mostly have equal settings. They share one object, which saves a copy for each task and the comparison in a store.
 */
function settingsOf({ backoff, timeoutMs, leaseMs, retention, deadline, tags, metadata }: TaskOptions): TaskSettings {
  const settings: { readonly [Name in keyof TaskSettings]: TaskSettings[Name] | undefined } = {
    backoff,
    timeoutMs,
    leaseMs,
    retention,
    deadlineAt: deadline?.getTime(),
    tags: tags?.length === 0 ? undefined : tags,
    metadata: metadata && toJson(metadata, 'options.metadata', METADATA_BYTES),
  };
  return settingsFrom(JSON.stringify(settings));
}

const settingsFrom = lastMade((text: string) => Object.freeze(JSON.parse(text) as TaskSettings));
