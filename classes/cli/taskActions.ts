import { oneTaskOptions } from '../../config/cliOptions';
import type { RemovedTask, TaskAction, TaskSummary } from '../../modules/cli/backend';
import { resolveFlags } from '../../modules/cli/commandLine';
import { paintState } from '../../modules/cli/taskColumns';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { Call } from './leaf';

/** What has become of a task. */
interface Acted {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly state: TaskSummary['state'] | 'removed';
}

/** Does something with tasks one after the other, and returns the exit code of the first that it could not be done with. */
export async function actOn(action: TaskAction, { words, flags, backend, output }: Call): Promise<number> {
  const { queue } = resolveFlags(oneTaskOptions, ['queue'], flags, 'task');
  const target = await backend();
  const done: Acted[] = [];
  let code = 0;
  for (const id of words[0] as readonly string[]) {
    try {
      done.push(actedOf(await target.act(action, id, queue)));
    } catch (error) {
      if (!isHoldfastError(error)) throw error;
      const failure = exitCodeOf(error);
      output.note(failure.text);
      code ||= failure.code;
    }
  }
  if (done.length > 0) {
    output.rows(done, [
      { head: 'id', cell: ({ id }) => id },
      { head: 'queue', cell: (task) => task.queue },
      { head: 'name', cell: ({ name }) => name },
      { head: 'now', cell: ({ state }) => state, paint: (text, { state }) => paintState(output.colors, state, text) },
    ]);
  }
  return code;
}

const actedOf = ({ id, queue, name, state }: TaskSummary | RemovedTask): Acted => ({ id, queue, name, state });
