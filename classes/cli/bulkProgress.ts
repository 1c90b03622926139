import { constants } from 'node:os';
import { Presets, SingleBar } from 'cli-progress';
import { EXIT_CODES } from '../../constants/exitCodes';
import type { Following, ShownCount } from '../../modules/cli/backend';
import type { Call } from './leaf';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Where counting stopped, nobody knows the part that is done. */
const COUNTED = '{bar} {percentage} %, {value} of about {total}';
const UNCOUNTED = '{value} so far, of {total} or more';

/** Runs an action on many tasks: with its progress on a terminal, and until a signal stops it after the part under way. */
export async function withProgress<T>(
  { terminal: { err, variables } }: Pick<Call, 'terminal'>,
  { count, isExact }: ShownCount,
  run: (following: Following) => Promise<T>,
): Promise<{ readonly done: T; readonly code: number }> {
  const isShown = err.isTTY === true && !variables['CI'];
  const form = { stream: err, format: isExact ? COUNTED : UNCOUNTED, hideCursor: true, clearOnComplete: true };
  const bar = isShown ? new SingleBar(form, Presets.shades_classic) : undefined;
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => stopping.abort(signal);
  for (const signal of SIGNALS) process.once(signal, stop);
  bar?.start(count, 0);
  try {
    const done = await run({ tell: ({ seen }) => bar?.update(isExact ? Math.min(seen, count) : seen), signal: stopping.signal });
    return { done, code: codeOf(stopping.signal) };
  } finally {
    bar?.stop();
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

const codeOf = ({ aborted, reason }: AbortSignal): number => (aborted ? EXIT_CODES.signal + constants.signals[reason as NodeJS.Signals] : 0);
