import { createInterface } from 'node:readline';
import { EXIT_CODES } from '../../constants/exitCodes';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { oneLine } from '../../modules/values/oneLine';
import { Failed } from './failed';
import type { Call } from './leaf';

/** The number of SIGINT, which Ctrl-C sends. */
const SIGINT = 2;

const UNCHANGED = 'Nothing was changed';

/**
 * Asks whether to go on, where somebody can answer. Elsewhere only `--yes` goes on.
 *
 * @param what what is about to happen, with its count, such as `remove 12 tasks of the queue mail`.
 * @throws Failed, or HOLDFAST_CONSENT_MISSING.
 */
export async function askFor(what: string, { options, terminal: { input, err } }: Pick<Call, 'options' | 'terminal'>): Promise<void> {
  if (options.yes) return;
  if (input.isTTY !== true || err.isTTY !== true) throw new HoldfastError('HOLDFAST_CONSENT_MISSING', { field: `this would ${oneLine(what)}` });
  const reader = createInterface({ input, output: err });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      reader.once('SIGINT', () => reject(new Failed(UNCHANGED, EXIT_CODES.signal + SIGINT)));
      reader.once('close', () => reject(new Failed(UNCHANGED)));
      reader.question(`This will ${oneLine(what)}. Go on? [y/N] `, resolve);
    });
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failed(UNCHANGED);
  } finally {
    reader.close();
  }
}
