import type { Clock } from '../time/clock';

/** Time that the writes of one transaction may take. What waits behind them has the next one, and the process a turn for other work. */
const TRANSACTION_MS = 25;

/** Runs writes in their order until they have taken long enough for one transaction, at least one. Returns what those have returned. */
export function runWithin(writes: readonly { readonly run: () => unknown }[], clock: Pick<Clock, 'monotonic'>): unknown[] {
  const until = clock.monotonic() + TRANSACTION_MS;
  const results: unknown[] = [];
  for (const { run } of writes) {
    results.push(run());
    if (clock.monotonic() >= until) break;
  }
  return results;
}
