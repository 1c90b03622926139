import { defineEvent, Queue, Scheduler } from '../../index';
import type { DeclaredEvent, Store, TaskState } from '../../index';
import { QUEUE } from './sizeFilling';

/** Ids of each state that calls may use up. */
const IDS_A_STATE = 1_000;

const MOST = 10_000_000;

/** What the calls of a measurement have. */
export interface Scene {
  readonly store: Store;
  readonly queue: Queue;
  readonly event: DeclaredEvent;
  readonly scheduler: Scheduler;
  /** Returns the id of a task that was in this state and that no call has had before. */
  readonly take: (state: TaskState) => string;
  /** Returns this part of the ids of dead tasks, which are a thousand if there are enough. */
  readonly dead: (part: number, parts: number) => string[];
  /** Counts the calls, for keys that are new. */
  readonly next: () => number;
  /** The id of a task that has succeeded, with waiting ones before it and finished ones behind it. */
  readonly middle: string;
  /** The number of those. */
  readonly succeeded: number;
}

/** Opens what calls are made to. */
export async function openScene(store: Store): Promise<Scene> {
  const queue = new Queue(store, QUEUE);
  const event = defineEvent({ name: QUEUE, schema: {}, process: () => null }).on(store, { logger: null }) as DeclaredEvent;
  const ids = new Map<TaskState, string[]>();
  for (const state of ['waiting', 'succeeded', 'cancelled', 'dead'] as const) ids.set(state, await idsOf(queue, state));
  const dead = await deadIds(queue);
  let calls = 0;
  return {
    ...{ store, queue, event, scheduler: new Scheduler(store) },
    take: (state) => {
      const id = ids.get(state)?.pop();
      if (id === undefined) throw new Error(`too few tasks are ${state}`);
      return id;
    },
    dead: (part, parts) => {
      const size = Math.min(IDS_A_STATE, Math.floor(dead.length / parts));
      return dead.slice(part * size, (part + 1) * size);
    },
    next: () => ++calls,
    middle: ids.get('succeeded')?.at(0) ?? '',
    succeeded: (await store.parts.bulks.count({ queue: QUEUE, states: ['succeeded'] }, MOST)).count,
  };
}

async function idsOf(queue: Queue, state: TaskState): Promise<string[]> {
  const { tasks } = await queue.list({ states: [state], limit: IDS_A_STATE });
  return tasks.map(({ id }) => id);
}

/** Returns the ids of up to ten thousand dead tasks, without the newest, which other calls take. */
async function deadIds(queue: Queue): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = (await queue.list({ states: ['dead'], limit: 10 })).next;
  while (after !== null && found.length < 10 * IDS_A_STATE) {
    const page: { readonly tasks: readonly { readonly id: string }[]; readonly next: string | null } = await queue.list({
      states: ['dead'],
      limit: IDS_A_STATE,
      after,
    });
    found.push(...page.tasks.map(({ id }) => id));
    after = page.next;
  }
  return found;
}
