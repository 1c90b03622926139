import type { Solitude } from '../../classes/lease/solitude';

/** Stays beside others until something ends, as an ordinary task does. */
export async function stayBeside<T>(solitude: Solitude, run: () => Promise<T>): Promise<T> {
  if (!solitude.enter()) await solitude.entered();
  return run().finally(() => solitude.leave());
}

/** Stays alone until something ends, as a suspect does. */
export async function stayAlone<T>(solitude: Solitude, run: () => Promise<T>): Promise<T> {
  await solitude.enteredAlone();
  return run().finally(() => solitude.leave());
}
