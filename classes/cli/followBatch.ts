import { SECOND } from '../../constants/limits';
import type { BatchAction } from '../../modules/bulk/batchDecisions';
import type { Backend, Following, ShownBatch } from '../../modules/cli/backend';
import { sleep, systemClock } from '../../modules/time/clock';
import { doubling } from '../../modules/time/doubling';

/** Bounds of the time between two looks. */
const LOOK_MS = 50;
const LONGEST_LOOK_MS = SECOND / 2;

/** What is asked of a store or a server about batches. */
export type BatchVerbs = Pick<Backend, 'startBatch' | 'batch' | 'stopBatch'>;

/** Starts a batch and follows it to its end. A signal has it end after the part under way; then it is returned as it has ended. */
export async function followBatch(verbs: BatchVerbs, action: BatchAction, search: string, { tell, signal }: Following): Promise<ShownBatch> {
  let batch = await verbs.startBatch(action, search);
  for (let looks = 0; batch.state === 'running'; looks += 1) {
    tell(batch);
    await sleep(systemClock, doubling(LOOK_MS, looks, LONGEST_LOOK_MS));
    batch = signal.aborted ? await verbs.stopBatch(batch.id) : await verbs.batch(batch.id);
  }
  return batch;
}
