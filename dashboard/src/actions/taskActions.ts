import { pathOf, post, Refusal, toldOf } from '../api/client';
import type { Action, TaskSummary } from '../api/types';
import { link } from '../live/link';
import { confirmed } from '../parts/confirm';
import { say } from '../parts/notices';
import { plural } from '../text/numbers';

/** What an action is called, what became of its tasks, and the states that it is for. */
interface ActionRow {
  readonly label: string;
  readonly done: string;
  readonly states: readonly TaskSummary['state'][];
  readonly hint: string;
  /** Asked before, because it cannot be taken back. */
  readonly asks?: string;
}

export const ACTIONS: Readonly<Record<Exclude<Action, 'redrive'>, ActionRow>> = {
  retry: { label: 'Retry', done: 'to run again', states: ['waiting', 'dead'], hint: 'Due now, with its failures back at 0 if it is dead' },
  'run-now': { label: 'Run now', done: 'due now', states: ['waiting'], hint: 'Due now, before its time' },
  cancel: {
    label: 'Cancel',
    done: 'cancelled',
    states: ['waiting', 'running'],
    hint: 'Ends it; a running handler is told by its signal',
    asks: 'Cancelled tasks do not run again.',
  },
  remove: {
    label: 'Remove',
    done: 'removed',
    states: ['waiting', 'succeeded', 'dead', 'cancelled'],
    hint: 'Deletes it',
    asks: 'Removed tasks are gone, and cannot be brought back.',
  },
};

export type TaskAction = keyof typeof ACTIONS;

/** Calls side by side. */
const AT_ONCE = 6;

type Chosen = Pick<TaskSummary, 'queue' | 'id' | 'name' | 'state'>;

/** Does something with one task or with several, asks first where it ends them, and tells what became of them. */
export async function act(action: TaskAction, tasks: readonly Chosen[]): Promise<boolean> {
  const { label, asks } = ACTIONS[action];
  const [first] = tasks;
  if (!first) return false;
  const what = tasks.length === 1 ? `the task ${first.name}` : plural(tasks.length, 'task');
  if (
    asks !== undefined &&
    !(await confirmed({ title: `${label} ${what}?`, text: asks, act: `${label} ${plural(tasks.length, 'task')}`, isDangerous: true }))
  )
    return false;
  tell(action, await results(action, tasks));
  link.announce();
  return true;
}

/** The refusals of the tasks that could not be acted on, and null for each other one. */
async function results(action: TaskAction, tasks: readonly Chosen[]): Promise<unknown[]> {
  const left = [...tasks];
  const found: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let task = left.shift(); task; task = left.shift()) found.push(await refusalOf(action, task));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

/** The server is told what the task was when it was looked at, so that of two who act at once only one does. */
const refusalOf = (action: TaskAction, { queue, id, state }: Chosen): Promise<unknown> =>
  post(`admin/queues/${pathOf(queue)}/tasks/${pathOf(id, action)}`, { ifState: state }).then(
    () => null,
    (error: unknown) => error,
  );

function tell(action: TaskAction, all: readonly unknown[]): void {
  const refused = all.filter((error) => error !== null);
  const done = all.length - refused.length;
  if (done > 0) say('good', `${plural(done, 'task')} ${ACTIONS[action].done}.`);
  const moved = refused.filter((error) => error instanceof Refusal && error.status === 409);
  const [first] = refused;
  if (first === undefined) return;
  const how = moved.length === refused.length && refused.length > 1 ? `${plural(moved.length, 'task')} had moved on.` : toldOf(first);
  say('bad', refused.length === 1 || moved.length === refused.length ? how : `${plural(refused.length, 'task')} could not be changed. ${how}`);
}
