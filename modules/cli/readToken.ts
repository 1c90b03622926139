import { readFileSync } from 'node:fs';
import { HoldfastError } from '../errors/holdfastError';

/** Where the token of a command may come from. */
export interface TokenSources {
  /** The flag of a file that holds it, which goes before the variables. */
  readonly flag: string | undefined;
  /** The variable that holds it, which goes before that of a file. */
  readonly variable: string | undefined;
  readonly fileOfVariable: string | undefined;
}

/** A header can hold these. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;

/**
 * Returns the token to send to a server, or undefined where none is given. An empty variable is none.
 *
 * @throws HOLDFAST_OPTION_INVALID, which does not quote what a file holds.
 */
export function readToken({ flag, variable, fileOfVariable }: TokenSources): string | undefined {
  if (flag !== undefined) return tokenIn('--token-file', flag);
  if (variable) return checked(variable, 'HOLDFAST_TOKEN', 'a token, without blanks');
  return fileOfVariable ? tokenIn('HOLDFAST_TOKEN_FILE', fileOfVariable) : undefined;
}

function tokenIn(field: string, path: string): string {
  try {
    return checked(readFileSync(path, 'utf8').trim(), field, `a file that holds a token and nothing else: ${path} does not`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof HoldfastError) throw error;
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'a file that can be read', got: `${path}, ${code ?? ''}` });
  }
}

function checked(token: string, field: string, expected: string): string {
  if (!TOKEN.test(token)) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected });
  return token;
}
