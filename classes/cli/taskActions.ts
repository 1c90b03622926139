import { chosenOptions } from '../../config/cliOptions';
import type { TaskAction } from '../../modules/admin/taskAction';
import type { ActedTask } from '../../modules/cli/backend';
import { resolveFlags } from '../../modules/cli/commandLine';
import { CHOSEN_FLAGS, searchOf } from '../../modules/cli/searchOf';
import { paintState } from '../../modules/cli/taskColumns';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { actOnAll } from './batchAction';
import type { Call } from './leaf';

/**
 * Does something with the tasks that are named, or with all that flags choose. Returns the exit code.
 *
 * @throws HOLDFAST_OPTION_INVALID if neither or both are given.
 */
export function actOn(action: TaskAction, call: Call): Promise<number> {
  const ids = call.words[0] as readonly string[];
  const chosen = resolveFlags(chosenOptions, CHOSEN_FLAGS, call.flags, 'task');
  const { queue, ...others } = chosen;
  if (ids.length > 0) {
    if (Object.values(others).some((value) => value !== undefined)) throw unclear('either ids, or flags that choose tasks');
    return actOnEach(action, ids, queue, call);
  }
  const search = searchOf(chosen);
  if (search === '') throw unclear('given, or flags that choose tasks, as --queue, --group or --search');
  if (action === 'run-now') throw unclear('given: retry runs all of a search again');
  return actOnAll(action, search, call);
}

const unclear = (expected: string): HoldfastError => new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'ids', expected });

/** Does something with tasks one after the other, and returns the exit code of the first that it could not be done with. */
async function actOnEach(action: TaskAction, ids: readonly string[], queue: string | undefined, { backend, output }: Call): Promise<number> {
  const target = await backend();
  const done: ActedTask[] = [];
  let code = 0;
  for (const id of ids) {
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
