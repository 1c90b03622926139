import { SUSPECT_ALONE_MS } from '../../constants/limits';
import type { Solitude } from '../../classes/lease/solitude';

/** Runs a function beside others, like an ordinary task. */
export async function stayBeside<T>(solitude: Solitude, run: () => Promise<T>): Promise<T> {
  while (!solitude.enter(1, false)) await solitude.change();
  return run().finally(() => solitude.leave({}));
}

/** Runs a function like a suspect, alone if what runs ends in time. */
export async function stayAlone<T>(solitude: Solitude, run: () => Promise<T>): Promise<T> {
  const suspect = {};
  await solitude.enterSuspect(suspect, SUSPECT_ALONE_MS, () => false);
  return run().finally(() => solitude.leave(suspect));
}
