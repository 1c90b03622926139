import { aboutTime, explainOthers, quoted } from './explanation';
import type { Circumstances, Explanation } from './explanation';

/** Returns why a message of the broker that waits is where it is. Consumers leave no row, so nobody knows whether there are any. */
export function explainMessage(circumstances: Circumstances): Explanation {
  const { task, nowMs, isPaused } = circumstances;
  const leftMs = task.availableAt.getTime() - nowMs;
  if (leftMs > 0) return { code: 'delayed', text: `It can be received in ${aboutTime(leftMs)}.` };
  if (isPaused) return { code: 'paused', text: `Its queue ${quoted(task.queue)} is paused.` };
  const dead = task.settings.message?.dead;
  if (dead) {
    const why = dead.reason === 'max-receive-count' ? 'it was received as often as that allows' : `a consumer refused it: ${quoted(dead.reason)}`;
    return { code: 'dead-letter', text: `It is a dead letter of ${quoted(dead.from)}: ${why}. A redrive returns it there.` };
  }
  return explainOthers(circumstances) ?? { code: 'next', text: 'It is the next of its queue: whoever receives gets it.' };
}
