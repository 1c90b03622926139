import { EXIT_CODES } from '../../constants/exitCodes';
import { SECOND } from '../../constants/limits';
import type { BatchAction } from '../../modules/bulk/batchDecisions';
import type { Backend, ShownBatch } from '../../modules/cli/backend';
import { doubling } from '../../modules/time/doubling';
import { sleep, systemClock } from '../../modules/time/clock';
import { withProgress } from './bulkProgress';
import { askFor } from './consent';
import type { Call } from './leaf';

/** Bounds of the time between two looks. */
const LOOK_MS = 50;
const LONGEST_LOOK_MS = SECOND / 2;

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
  const { done, code } = await withProgress(call, count, ({ tell, signal }) => run(backend, action, text, { tell, signal }));
  call.output.one(done, batchLines);
  if (done.state === 'failed') return EXIT_CODES.failed;
  return code;
}

async function run(
  backend: Backend,
  action: BatchAction,
  text: string,
  { tell, signal }: { readonly tell: (told: ShownBatch) => void; readonly signal: AbortSignal },
): Promise<ShownBatch> {
  let batch = await backend.startBatch(action, text);
  for (let looks = 0; batch.state === 'running'; looks += 1) {
    tell(batch);
    await sleep(systemClock, doubling(LOOK_MS, looks, LONGEST_LOOK_MS));
    batch = signal.aborted ? await backend.stopBatch(batch.id) : await backend.batch(batch.id);
  }
  return batch;
}

function batchLines({ action, state, seen, changed, clashed, error }: ShownBatch): string[] {
  const clashes = clashed === 0 ? '' : `, ${clashed} left because a live task has their unique key`;
  const ended = state === 'done' ? '' : `; it ${state === 'stopped' ? 'was stopped' : `failed: ${error ?? ''}`}`;
  return [`${action}: ${changed} of ${seen} tasks changed${clashes}${ended}`];
}
