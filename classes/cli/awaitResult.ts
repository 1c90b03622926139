import { SECOND } from '../../constants/limits';
import type { Backend } from '../../modules/cli/backend';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { doubling } from '../../modules/time/doubling';
import { sleep, systemClock } from '../../modules/time/clock';
import { Failed } from './failed';

/** Bounds of the time between two looks. */
const LOOK_MS = 50;
const LONGEST_LOOK_MS = SECOND / 2;

/**
 * Waits for the end of a task, and returns its result.
 *
 * @throws Failed if it did not succeed, HOLDFAST_RESULT_LATE, HOLDFAST_TASK_MISSING or HOLDFAST_TASK_CANCELLED.
 */
export async function awaitResult(
  backend: Backend,
  { id, queue }: { readonly id: string; readonly queue: string },
  withinMs: number,
): Promise<unknown> {
  const endMs = systemClock.monotonic() + withinMs;
  for (let looks = 0; ; looks += 1) {
    const { task } = await backend.task(id, queue);
    if (task.state === 'succeeded') return task.result;
    if (task.state === 'cancelled') throw new HoldfastError('HOLDFAST_TASK_CANCELLED', { field: id });
    if (task.state === 'dead') throw new Failed(`The task ${id} is dead: ${task.error?.name ?? 'Error'}: ${task.error?.message ?? ''}`);
    const leftMs = endMs - systemClock.monotonic();
    if (leftMs <= 0) throw new HoldfastError('HOLDFAST_RESULT_LATE', { field: id, expected: `ended within ${withinMs} ms` });
    await sleep(systemClock, Math.min(leftMs, doubling(LOOK_MS, looks, LONGEST_LOOK_MS)));
  }
}
