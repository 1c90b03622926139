import type { Solitude } from '../../classes/lease/solitude';

/** Runs a function beside others, like an ordinary task. */
export async function stayBeside<T>(solitude: Solitude, run: () => Promise<T>): Promise<T> {
  if (!solitude.enter()) await solitude.entered();
  return run().finally(() => solitude.leave());
}

/** Runs a function alone, like a suspect. */
export async function stayAlone<T>(solitude: Solitude, run: () => Promise<T>): Promise<T> {
  await solitude.enteredAlone();
  return run().finally(() => solitude.leave());
}
