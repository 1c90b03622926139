import { pathOf, post, toldOf } from '../api/client';
import type { Batch, BatchAction, Count } from '../api/types';
import { link } from '../live/link';
import { confirmed } from '../parts/confirm';
import { say } from '../parts/notices';
import { plural, wholeNumber } from '../text/numbers';

/** From this number on, what removes or cancels wants the number typed. */
const TYPED_FROM = 1_000;

const LABELS: Readonly<Record<BatchAction, string>> = { retry: 'Retry', cancel: 'Cancel', remove: 'Remove', redrive: 'Redrive' };

/** Does something with all tasks that match a search, on the server, after it was asked about with their number. */
export async function actOnAll(action: BatchAction, search: string, { count, isExact }: Count): Promise<boolean> {
  const what = plural(count, 'task', isExact);
  const ends = action === 'cancel' || action === 'remove';
  const isSure = await confirmed({
    title: `${LABELS[action]} all ${what}?`,
    text: `All tasks that match ${search === '' ? 'no filter: every task of every queue' : search}. ${ends ? 'This cannot be taken back.' : 'It runs on the server and can be stopped.'}`,
    act: `${LABELS[action]} ${what}`,
    isDangerous: ends,
    ...(ends && count >= TYPED_FROM ? { typed: wholeNumber(count) } : {}),
  });
  if (!isSure) return false;
  try {
    await post<Batch>('admin/batches', { action, q: search });
    link.announce();
    return true;
  } catch (error) {
    say('bad', toldOf(error));
    return false;
  }
}

/** Stops a batch. What it has changed stays changed. */
export const stopBatch = (id: string): Promise<void> =>
  post(`admin/batches/${pathOf(id)}/stop`, {}).then(
    () => link.announce(),
    (error: unknown) => say('bad', toldOf(error)),
  );
