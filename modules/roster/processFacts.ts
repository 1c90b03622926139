import { hostname } from 'node:os';
import { NAME_CHARACTERS } from '../../constants/limits';
import { packageVersion } from '../values/packageVersion';
import type { ProcessFacts } from './processRow';

/** Returns what this process is. */
export const processFacts = (): ProcessFacts => ({ host: hostname().slice(0, NAME_CHARACTERS), pid: process.pid, version: versionHere() });

/** A bundle has no package.json at its place, or that of a program. */
function versionHere(): string {
  try {
    return packageVersion();
  } catch {
    return 'unknown';
  }
}
