import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Version of Holdfast in its package.json, that of the checkout or of the installed package. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8')) as { readonly version: string }).version;
