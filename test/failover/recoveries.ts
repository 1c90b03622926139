const recoveries = new Map<string, number[]>();

/** Remembers how long after the return of a database one worker claimed again. */
export function noteRecovery(fault: string, afterMs: number): void {
  recoveries.set(fault, [...(recoveries.get(fault) ?? []), afterMs]);
}

/** Writes what was remembered, for the log of a run: no test depends on it. */
export function reportRecoveries(): void {
  for (const [fault, times] of recoveries) {
    const told = times.map((ms) => `${Math.round(ms)}`).join(', ');
    process.stdout.write(`      claims again after ${fault}: ${told} ms\n`);
  }
  recoveries.clear();
}
