import { HoldfastError } from '../../modules/errors/holdfastError';
import { parseStoreUrl } from '../../modules/ports/storeUrl';
import { systemClock } from '../../modules/time/clock';
import { ASKING_SIGNALS, onSignal } from '../async/onSignal';
import { StopSignals } from '../async/stopSignals';
import { Supervisor } from './supervisor';

/** Runs worker processes with the given arguments each, until all have ended. Returns the exit code. */
export async function supervise(processes: number, argumentsOf: (number: number) => readonly string[]): Promise<number> {
  const supervisor = new Supervisor({
    script: process.argv[1] ?? '',
    argumentsOf: (number) => [...argumentsOf(number), '--processes', '1'],
    ...{ processes, clock: systemClock, output: process.stdout },
  });
  const stop = (): void => supervisor.stop();
  const signals = new StopSignals(systemClock, { onStop: stop, onHaste: stop });
  signals.listen();
  const ends = ASKING_SIGNALS.map((signal) => onSignal(signal, () => supervisor.tell(signal)));
  return supervisor.run().finally(() => {
    signals.end();
    ends.forEach((end) => end());
  });
}

/** Refuses a store that several processes cannot share. @throws HOLDFAST_OPTION_INVALID */
export function checkIsShared(url: string): void {
  const target = parseStoreUrl(url);
  if (target.kind !== 'sqlite' || target.path !== ':memory:') return;
  const expected = '1 where the store is in memory: each process would have a store of its own';
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'runner.processes', expected });
}
