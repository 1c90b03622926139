import { oneTaskOptions } from '../../config/cliOptions';
import type { TaskAction } from '../../modules/admin/taskAction';
import type { ActedTask } from '../../modules/cli/backend';
import { resolveFlags } from '../../modules/cli/commandLine';
import { paintState } from '../../modules/cli/taskColumns';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { Call } from './leaf';

/** Does something with tasks one after the other, and returns the exit code of the first that it could not be done with. */
export async function actOn(action: TaskAction, { words, flags, backend, output }: Call): Promise<number> {
  const { queue } = resolveFlags(oneTaskOptions, ['queue'], flags, 'task');
  const target = await backend();
  const done: ActedTask[] = [];
  let code = 0;
  for (const id of words[0] as readonly string[]) {
    try {
      done.push(await target.act(action, id, queue));
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
