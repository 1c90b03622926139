import { Presets, SingleBar } from 'cli-progress';
import { EXIT_CODES } from '../../constants/exitCodes';
import type { Following } from '../../modules/cli/backend';
import type { Call } from './leaf';

/** The number of SIGINT, which Ctrl-C sends. */
const SIGINT = 2;

/** Runs an action on many tasks: with a bar on a terminal, and until a signal stops it after the part under way. */
export async function withProgress<T>(
  { terminal: { err, variables } }: Pick<Call, 'terminal'>,
  total: number,
  run: (following: Following) => Promise<T>,
): Promise<{ readonly done: T; readonly code: number }> {
  const isShown = err.isTTY === true && !variables['CI'];
  const bar = isShown
    ? new SingleBar(
        {
          stream: err,
          format: '{bar} {percentage} %, {value} of about {total}',
          hideCursor: true,
          clearOnComplete: true,
        },
        Presets.shades_classic,
      )
    : undefined;
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  bar?.start(total, 0);
  try {
    const done = await run({ tell: ({ seen }) => bar?.update(Math.min(seen, total)), signal: stopping.signal });
    return { done, code: stopping.signal.aborted ? EXIT_CODES.signal + SIGINT : 0 };
  } finally {
    bar?.stop();
    process.off('SIGINT', stop);
  }
}
