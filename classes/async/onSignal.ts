/** Signals by which a worker is asked for something but its end. */
export const ASKING_SIGNALS = ['SIGTSTP', 'SIGUSR2'] as const;

export type AskingSignal = (typeof ASKING_SIGNALS)[number];

/** Listens to a signal, which not every system has. Returns what ends that. */
export function onSignal(signal: AskingSignal, listener: () => void): () => void {
  if (process.platform === 'win32') return () => undefined;
  process.on(signal, listener);
  return () => void process.off(signal, listener);
}
