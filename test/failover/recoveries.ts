const recoveries = new Map<string, number[]>();

/** Notes how long after the return of the database a worker claimed again. */
export function noteRecovery(fault: string, afterMs: number): void {
  recoveries.set(fault, [...(recoveries.get(fault) ?? []), afterMs]);
}

/** Prints these times for the log of a run. No test depends on them. */
export function reportRecoveries(): void {
  for (const [fault, times] of recoveries) {
    const told = times.map((ms) => `${Math.round(ms)}`).join(', ');
    process.stdout.write(`      claims again after ${fault}: ${told} ms\n`);
  }
  recoveries.clear();
}
