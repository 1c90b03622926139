import type { Clock } from '../../modules/time/clock';
import { onSignal } from '../async/onSignal';
import type { Store } from '../store/store';

/** Takes nothing more at SIGTSTP, and writes what this process runs to the standard error at SIGUSR2. Returns what ends that. */
export function answerSignals({ processes, parts: { clock } }: Store): () => void {
  const ends = [
    onSignal('SIGTSTP', () => processes.drainOwn()),
    onSignal('SIGUSR2', () => void process.stderr.write(`${runningLines(processes.ownRunning, clock).join('\n')}\n`)),
  ];
  return () => ends.forEach((end) => end());
}

/** What runs, for whoever wonders why a worker does not end. It is asked of the workers themselves: a beat may be five seconds old. */
function runningLines(running: Store['processes']['ownRunning'], clock: Pick<Clock, 'now'>): string[] {
  if (running.length === 0) return ['Nothing runs'];
  return running.map(
    ({ queue, name, id, attempt, forMs }) => `${queue}/${name} ${id}, attempt ${attempt}, since ${new Date(clock.now() - forMs).toISOString()}`,
  );
}
