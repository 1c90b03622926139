import type { TaskOptions } from '../../config/optionTypes';
import { queueNameOption } from '../../config/options';
import { FOLLOW_UP_BYTES, FOLLOW_UPS } from '../../constants/limits';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import { followUpId, followUpsText } from '../../modules/task/followUps';
import { newTask } from '../../modules/task/newTask';
import type { NewTask } from '../../modules/task/task';
import { textBytes } from '../../modules/values/textBytes';

/** The follow-ups of one attempt: the tasks that its handler has added for the case of its success. */
export class FollowUpList {
  readonly tasks: NewTask[] = [];
  readonly #taskId: string;
  #bytes = 0;

  /** @param taskId the id of the task that they follow. */
  constructor(taskId: string) {
    this.#taskId = taskId;
  }

  /** The follow-ups as the task keeps them. */
  get text(): string {
    return followUpsText(this.tasks);
  }

  /**
   * Adds a follow-up, and returns its id. All checks happen here, so that the handler gets the error.
   *
   * @throws HOLDFAST_FOLLOW_UPS_TOO_MANY, HOLDFAST_FOLLOW_UPS_TOO_LARGE, or as `newTask`.
   */
  add(queue: string, name: string, payload: unknown, options: TaskOptions | undefined, nowMs: number): string {
    checkOptions(queueNameOption, queue, 'queue');
    const position = this.tasks.length;
    if (position === FOLLOW_UPS) throw new HoldfastError('HOLDFAST_FOLLOW_UPS_TOO_MANY', { field: name, expected: `at most ${FOLLOW_UPS}` });
    const task = { ...newTask(queue, name, payload, options, nowMs), id: followUpId(this.#taskId, position) };
    // A text within a text has its quotation marks escaped once more.
    const bytes = this.#bytes + textBytes(followUpsText([task]));
    if (bytes > FOLLOW_UP_BYTES)
      throw new HoldfastError('HOLDFAST_FOLLOW_UPS_TOO_LARGE', { field: name, expected: `at most ${FOLLOW_UP_BYTES} bytes together` });
    this.#bytes = bytes;
    this.tasks.push(task);
    return task.id;
  }
}
