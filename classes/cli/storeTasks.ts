import { idOption } from '../../config/options';
import { movedOnText } from '../../modules/admin/taskAction';
import type { TaskAction } from '../../modules/admin/taskAction';
import { actedTask } from '../../modules/cli/actedTask';
import { asJson } from '../../modules/cli/asJson';
import type { ActedTask, FoundTask, TasksPage } from '../../modules/cli/backend';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import type { Admin } from '../admin/admin';
import type { Acted } from '../admin/taskActions';

/** What commands ask about the tasks of a store. */
export class StoreTasks {
  readonly #admin: Admin;

  constructor(admin: Admin) {
    this.#admin = admin;
  }

  async task(id: string, queue: string | undefined): Promise<FoundTask> {
    const name = await this.#queueOf(id, queue);
    const found = await this.#admin.task(name, id);
    if (!found) throw missing(id);
    return asJson(found);
  }

  async search(text: string, page: { readonly limit: number; readonly after?: string }): Promise<TasksPage> {
    const { tasks, next, looked, isComplete, slow } = await this.#admin.store.search(text, page);
    return { tasks: asJson(await this.#admin.summaries(tasks)), next, looked, isComplete, slow };
  }

  async act(action: TaskAction, id: string, queue: string | undefined): Promise<ActedTask> {
    const name = await this.#queueOf(id, queue);
    const acted = await this.#admin.actions.act(action, name, id);
    if (!acted.task) throw missing(id);
    if (!acted.isDone) throw movedOn(action, id, acted, await this.#admin.now());
    return actedTask(action, acted.task);
  }

  async #queueOf(id: string, queue: string | undefined): Promise<string> {
    checkOptions(idOption, id, 'id');
    const name = queue ?? (await this.#admin.queueOf(id));
    if (name === null) throw missing(id);
    return name;
  }
}

const missing = (id: string): HoldfastError => new HoldfastError('HOLDFAST_TASK_MISSING', { field: id });

function movedOn(action: TaskAction, id: string, { task, isClash }: Acted, nowMs: number): HoldfastError {
  const because = isClash || !task ? 'Another live task has the unique key of this one, so it stays dead.' : movedOnText(action, task, nowMs);
  return new HoldfastError('HOLDFAST_TASK_MOVED_ON', { field: id, because });
}
