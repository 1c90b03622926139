import { readFileSync } from 'node:fs';
import { HoldfastError } from '../errors/holdfastError';

/** The standard input as a file. */
const STDIN = 0;

/**
 * Reads a JSON value from an argument: the text itself, `@file` for that of a file, or `-` for that of the standard input. Nothing is null.
 *
 * @throws HOLDFAST_OPTION_INVALID
 */
export function readPayload(given: string | undefined): unknown {
  if (given === undefined) return null;
  const text = textOf(given);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
      field: 'payload',
      expected: `JSON: as text, as @file or as - for the standard input`,
      cause,
    });
  }
}

function textOf(given: string): string {
  if (given === '-') return readFileSync(STDIN, 'utf8');
  if (!given.startsWith('@')) return given;
  try {
    return readFileSync(given.slice(1), 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'payload', expected: 'a file that can be read', got: `${given.slice(1)}, ${code}` });
  }
}
