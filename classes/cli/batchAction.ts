import { EXIT_CODES } from '../../constants/exitCodes';
import type { BatchAction } from '../../modules/bulk/batchDecisions';
import type { ShownBatch } from '../../modules/cli/backend';
import { withProgress } from './bulkProgress';
import { askFor } from './consent';
import { followBatch } from './followBatch';
import type { Call } from './leaf';

/** The states on which an action can be done, so that the count before it is of these. */
const STATES: Readonly<Record<BatchAction, string>> = {
  retry: 'waiting,dead',
  cancel: 'waiting,running',
  remove: 'waiting,succeeded,dead,cancelled',
  redrive: 'dead',
};

/** Does something with all tasks of a search: asks first, shows how far it is, and stops at a signal. Returns the exit code. */
export async function actOnAll(action: BatchAction, search: string, call: Call): Promise<number> {
  const backend = await call.backend();
  const text = `${search} state:${STATES[action]}`;
  const { count, isExact } = await backend.count(text);
  if (count > 0)
    await askFor(`${action} ${count.toLocaleString('en-US')}${isExact ? '' : ' or more'} ${count === 1 ? 'task' : 'tasks'} (${search})`, call);
  const { done, code } = await withProgress(call, { count, isExact }, (following) => followBatch(backend, action, text, following));
  call.output.one(done, batchLines);
  if (done.state === 'failed') return EXIT_CODES.failed;
  return code;
}

function batchLines({ action, state, seen, changed, clashed, error }: ShownBatch): string[] {
  const clashes = clashed === 0 ? '' : `, ${clashed} left because a live task has their unique key`;
  const ended = state === 'done' ? '' : `; it ${state === 'stopped' ? 'was stopped' : `failed: ${error ?? ''}`}`;
  return [`${action}: ${changed} of ${seen} tasks changed${clashes}${ended}`];
}
