import type { TaskState } from '../../constants/states';
import { TASK_STATES } from '../../constants/states';
import type { TaskView } from '../../modules/task/taskView';
import { Queue } from '../queue/queue';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';

/** What a list of tasks is narrowed to. */
export interface ListWish {
  readonly queue: string | undefined;
  readonly states: readonly TaskState[] | undefined;
  readonly name: string | undefined;
  readonly tag: string | undefined;
  readonly failureGroup: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Lists tasks of one queue, or the newest ones of all that the reader may see. */
export async function listTasks(
  store: Store,
  { queue, states, limit, ...rest }: ListWish,
  isSeen: (queue: string) => boolean,
): Promise<{ readonly tasks: readonly TaskView[]; readonly next: string | null }> {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const filter = { ...given, limit, states: [...(states ?? TASK_STATES)] };
  if (queue !== undefined) return new Queue(store, queue).list(filter);
  const names = (await partsOf(store).looks.names()).filter(isSeen);
  const pages = await Promise.all(names.map((name) => new Queue(store, name).list(filter)));
  const tasks = pages.flatMap((page) => page.tasks).sort((one, other) => (one.id < other.id ? 1 : -1));
  const isMore = tasks.length > limit || pages.some(({ next }) => next !== null);
  return { tasks: tasks.slice(0, limit), next: isMore ? (tasks[limit - 1]?.id ?? null) : null };
}
