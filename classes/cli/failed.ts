import { EXIT_CODES } from '../../constants/exitCodes';

/** Ends a command with an exit code and a line on the standard error: nothing is wrong with the command itself. */
export class Failed extends Error {
  readonly code: number;

  constructor(message: string, code: number = EXIT_CODES.failed) {
    super(message);
    this.code = code;
  }
}
