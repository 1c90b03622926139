import { EXIT_CODES } from '../../constants/exitCodes';

/** Tells that the user does not want it. */
export class Declined extends Error {
  readonly code: number;

  constructor(code: number = EXIT_CODES.failed) {
    super('Nothing was changed');
    this.code = code;
  }
}
