import { MINUTE, TRANSIT_PREFIX } from '../../constants/limits';
import { isNamed } from '../ports/queuePatterns';
import { isConsumers } from '../task/task';
import type { Task } from '../task/task';
import { viewTask } from '../task/taskView';
import type { TaskView } from '../task/taskView';
import { clipText } from '../values/clipText';
import { oneLine } from '../values/oneLine';
import { explainMessage } from './explainMessage';
import { aboutTime, explainOthers, quoted } from './explanation';
import type { Circumstances, Explanation } from './explanation';
import type { ProcessWorker } from './processRow';

/** A name without a handler gives its task back for at most so long. */
const GIVEN_BACK_MS = MINUTE;

/** Characters of an error's message in an explanation. */
const MESSAGE_CHARACTERS = 200;

/** Returns why a task is where it is: the first reason that holds. */
export function explainTask(circumstances: Circumstances): Explanation {
  const { task, nowMs } = circumstances;
  switch (task.state) {
    case 'succeeded':
      return { code: 'succeeded', text: `It succeeded ${agoOf(task, nowMs)}, in attempt ${task.attempt}.` };
    case 'cancelled':
      return { code: 'cancelled', text: `It was cancelled ${agoOf(task, nowMs)}.` };
    case 'dead':
      return { code: 'dead', text: `It is dead after ${times(task.failures, 'failure')}${lastOf(task)}. A retry or a redrive runs it again.` };
    case 'running':
      return explainRunning(circumstances);
    case 'waiting':
      return task.settings.message ? explainMessage(circumstances) : explainWaiting(circumstances);
  }
}

function explainRunning({ task, nowMs, processes }: Circumstances): Explanation {
  const { lease, id, attempt } = task;
  const endsMs = (lease?.expiresAt.getTime() ?? nowMs) - nowMs;
  const expired = endsMs < 0 ? ' Its lease has expired: a live process on the store takes it back.' : '';
  const workerId = oneLine(lease?.workerId ?? '');
  if (isConsumers(task)) return { code: 'in-flight', text: `A consumer has received it: it is in flight for ${aboutTime(endsMs)} more.${expired}` };
  if (lease?.token.startsWith(TRANSIT_PREFIX)) return { code: 'moving', text: `It is on its way to another store (${workerId}).` };
  const shown = processes.flatMap(({ tasks }) => tasks).find((each) => each.id === id && each.attempt === attempt);
  const since = shown ? `, since ${aboutTime(nowMs - shown.since.getTime())}` : '';
  const late = lease?.timedOut ? ' It has passed its time limit, which is counted as a failure.' : '';
  return { code: 'running', text: `Worker ${workerId} runs it${since}: attempt ${attempt}.${late}${expired}` };
}

function explainWaiting(circumstances: Circumstances): Explanation {
  const service = explainService(circumstances);
  const leftMs = circumstances.task.availableAt.getTime() - circumstances.nowMs;
  // A worker that has no handler of the name gives the task back for a while, so that it is delayed most of the time.
  const isGivenBack = service?.code === 'no-handler' && circumstances.task.attempt > 0 && leftMs <= GIVEN_BACK_MS;
  if (leftMs <= 0 || isGivenBack) return service ?? explainPlace(circumstances);
  return explainDelay(viewTask(circumstances.task), leftMs);
}

function explainDelay(task: TaskView, leftMs: number): Explanation {
  const { sleeps } = task;
  if (sleeps?.kind === 'sleep') return { code: 'sleeping', text: `It sleeps for ${aboutTime(leftMs)} more, in ${quoted(sleeps.name)}.` };
  if (sleeps) {
    const limit = sleeps.until === null ? '' : `, for ${aboutTime(leftMs)} more`;
    return { code: 'waiting-for-signal', text: `It waits for the signal ${quoted(sleeps.name)}${limit}.` };
  }
  const last = task.attempts.at(-1)?.ending;
  if (last === 'snoozed') return { code: 'snoozed', text: `Its handler has put it off: it is due in ${aboutTime(leftMs)}.` };
  if (last !== 'retried' || task.failures === 0) return { code: 'delayed', text: `It is due in ${aboutTime(leftMs)}.` };
  const failed = `${times(task.failures, 'failure')} of ${task.maxRetries}${lastOf(task)}`;
  return { code: 'retrying', text: `It is tried again in ${aboutTime(leftMs)}, after ${failed}.` };
}

const isServing = ({ queues }: ProcessWorker, queue: string): boolean => isNamed(queues, queue);

/** Returns why nobody can take it, or null. */
function explainService({ task: { queue, name }, isPaused, processes }: Circumstances): Explanation | null {
  if (isPaused) return { code: 'paused', text: `Its queue ${quoted(queue)} is paused.` };
  const serving = processes.filter(({ workers }) => workers.some((worker) => isServing(worker, queue)));
  if (serving.length === 0) return { code: 'no-process', text: `No live process serves the queue ${quoted(queue)}.` };
  const taking = serving.filter(({ isDraining }) => !isDraining);
  if (taking.length === 0)
    return { code: 'draining', text: `All processes that serve the queue ${quoted(queue)} are draining: they take nothing more.` };
  const isHandled = (worker: ProcessWorker): boolean => isServing(worker, queue) && (worker.handlesMore || worker.handles.includes(name));
  if (taking.some(({ workers }) => workers.some(isHandled))) return null;
  return { code: 'no-handler', text: `No live worker of the queue ${quoted(queue)} has a handler for ${quoted(name)}.` };
}

function explainPlace(circumstances: Circumstances): Explanation {
  const { task, processes } = circumstances;
  if (task.suspect)
    return { code: 'suspect', text: 'Its lease has expired, and one more failure makes it dead: it is a suspect, and waits to run alone.' };
  const others = explainOthers(circumstances);
  if (others) return others;
  const workers = processes.filter(({ isDraining }) => !isDraining).flatMap((process) => process.workers);
  const serving = workers.filter((worker) => isServing(worker, task.queue));
  const slots = serving.reduce((sum, { maxConcurrency }) => sum + maxConcurrency, 0);
  if (serving.some(({ running, maxConcurrency }) => running < maxConcurrency)) return { code: 'next', text: 'It is the next of its queue.' };
  return { code: 'no-slot', text: `It is the next of its queue, and waits for a free slot: all ${slots} are taken.` };
}

const agoOf = ({ finishedAt }: Pick<Task, 'finishedAt'>, nowMs: number): string => `${aboutTime(nowMs - (finishedAt?.getTime() ?? nowMs))} ago`;

const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function lastOf({ error, failures }: Pick<Task, 'error' | 'failures'>): string {
  if (!error) return '';
  const shown = `${oneLine(error.name)}: ${oneLine(clipText(error.message, MESSAGE_CHARACTERS))}`;
  return failures > 1 ? `, the last of which was ${shown}` : `: ${shown}`;
}
