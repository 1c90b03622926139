import { change } from '../../actions/change';
import { pathOf } from '../../api/client';
import type { QueueRow } from '../../api/types';
import { useCanWrite } from '../../live/session';
import { confirmed } from '../../parts/confirm';
import { plural } from '../../text/numbers';

/** What can be done with the dead tasks of a queue, and with those that wait. */
export function QueueMenu({ row: { name, counts, atLeast } }: { readonly row: QueueRow }) {
  if (!useCanWrite()) return null;
  const dead = plural(counts.dead, 'dead task', !atLeast.includes('dead'));
  const redrive = async (): Promise<void> => {
    const question = {
      title: `Redrive ${dead} of ${name}?`,
      text: 'They run again from the beginning, with their failures back at 0.',
      act: `Redrive ${dead}`,
    };
    if (await confirmed(question)) await change(`admin/queues/${pathOf(name, 'redrive')}`, `Dead tasks of ${name} run again.`);
  };
  return counts.dead === 0 ? null : (
    <button type="button" class="small" aria-label={`Redrive ${dead} of ${name}`} title="Run the dead tasks again" onClick={() => void redrive()}>
      Redrive
    </button>
  );
}
