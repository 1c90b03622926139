import type { Colors } from 'picocolors/types';
import type { StepKind } from '../ports/stepStore';
import type { ActedTask, FoundTask, TaskDetail, TaskStep, TaskSummary } from './backend';
import type { Column } from './renderTable';
import { safeCell } from './renderTable';
import { shownDuration, shownInstant } from './shownTime';

/** Colours a state. The word alone tells it as well. */
export function paintState({ red, green, yellow, dim }: Colors, state: ActedTask['state'], text: string): string {
  if (state === 'dead') return red(text);
  if (state === 'succeeded') return green(text);
  return state === 'running' ? yellow(text) : state === 'waiting' ? text : dim(text);
}

/** The state of a task as it is shown: a waiting one may be delayed. */
export const shownState = ({ state, availableAt }: Pick<TaskSummary, 'state' | 'availableAt'>, nowMs: number): string =>
  state === 'waiting' && Date.parse(availableAt) > nowMs ? `waiting, due ${shownInstant(availableAt, nowMs)}` : state;

/** The columns of a list of tasks. */
export const taskColumns = (colors: Colors, nowMs: number): readonly Column<TaskSummary>[] => [
  { head: 'id', cell: ({ id }) => id },
  { head: 'queue', cell: ({ queue }) => queue },
  { head: 'name', cell: ({ name }) => name },
  { head: 'state', cell: (task) => shownState(task, nowMs), paint: (text, { state }) => paintState(colors, state, text) },
  { head: 'failures', isOptional: true, cell: ({ failures, maxRetries }) => (failures === 0 ? '' : `${failures} of ${maxRetries}`), isNumber: true },
  { head: 'added', cell: ({ createdAt }) => shownInstant(createdAt, nowMs) },
  { head: 'error', cell: ({ error }) => error && `${error.name}: ${error.message}` },
];

/** The lines of one task. */
export function taskLines({ task, explanation, steps }: FoundTask, colors: Colors, nowMs: number): string[] {
  const { attempts, log, error, payload, result, progress, metadata } = task;
  const facts: [string, string][] = [
    ['id', task.id],
    ['queue', task.queue],
    ['name', task.name],
    ['state', shownState(task, nowMs)],
    ['why', explanation?.text ?? ''],
    ['worker', task.workerId ?? ''],
    ['attempt', `${task.attempt}, ${task.failures} of ${task.maxRetries} failures`],
    ['priority', String(task.priority)],
    ['added', dated(task.createdAt, nowMs)],
    ['due', dated(task.availableAt, nowMs)],
    ['finished', dated(task.finishedAt, nowMs)],
    ['deadline', dated(task.deadline, nowMs)],
    ['key', task.uniqueKey ?? ''],
    ['tags', task.tags.join(', ')],
    ['metadata', shownJson(metadata) === '{}' ? '' : shownJson(metadata)],
    ['payload', shownJson(payload)],
    ['progress', shownJson(progress)],
    ['result', shownJson(result)],
    ['error', error ? `${error.name}: ${error.message}` : ''],
  ];
  const shown = facts.filter(([, value]) => value !== '').map(([name, value]) => `${colors.dim(name.padEnd(9))} ${safeCell(value)}`);
  const stack = (error?.stack ?? '')
    .split('\n')
    .filter((line) => line.trim().startsWith('at '))
    .map((line) => `          ${colors.dim(safeCell(line.trim()))}`);
  return [
    ...shown,
    ...stack,
    ...section('attempts', attempts.map(attemptLine), colors),
    ...section('steps', steps.map((step) => stepLine(step, nowMs)), colors), // prettier-ignore
    ...section('log', log.map(logLine), colors),
  ];
}

const section = (title: string, lines: readonly string[], { dim }: Colors): string[] => (lines.length === 0 ? [] : [dim(title), ...lines]);

const attemptLine = ({ attempt, workerId, waitedMs, durationMs, ending, error }: TaskDetail['attempts'][number]): string => {
  const wait = waitedMs === undefined ? '' : `waited ${shownDuration(waitedMs)}, `;
  const run = durationMs === undefined ? '' : ` after ${shownDuration(durationMs)}`;
  return `  ${attempt}: ${wait}${safeCell(ending)}${run} by ${safeCell(workerId)}${error ? `: ${safeCell(`${error.name}: ${error.message}`)}` : ''}`;
};

/** What each kind of step says of itself. */
const STEP_SAYS: Readonly<Record<StepKind, string>> = {
  step: 'done',
  sleep: 'sleep',
  wait: 'waits for a signal',
  signal: 'signal came',
  timeout: 'no signal came in time',
};

/** A recorded step: it does not run again. */
function stepLine({ at, name, kind, until, value }: TaskStep, nowMs: number): string {
  const end = until === null ? '' : ` until ${dated(until, nowMs)}`;
  const result = shownJson(value);
  return `  ${at + 1}: ${safeCell(name)}: ${STEP_SAYS[kind]}${end}${result === '' ? '' : `: ${safeCell(result)}`}`;
}

/** A line of a handler, with when it was written. */
export const logLine = ({ attempt, afterMs, level, message }: TaskDetail['log'][number]): string =>
  `  ${attempt}: +${shownDuration(afterMs)} ${safeCell(level)}: ${safeCell(message)}`;

const dated = (at: string | null, nowMs: number): string => (at === null ? '' : `${at} (${shownInstant(at, nowMs)})`);

/** Returns a JSON value for a reader, on one line. What is not there is empty. */
const shownJson = (value: unknown): string => (value === undefined || value === null ? '' : JSON.stringify(value));
