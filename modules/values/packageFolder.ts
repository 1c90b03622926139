import { join } from 'node:path';

/** Returns a folder of the checkout or of the installed package; null in a bundle of ES modules, which has none. */
export const packageFolder = (...names: readonly string[]): string | null =>
  typeof __dirname === 'string' ? join(__dirname, '..', '..', '..', ...names) : null;
