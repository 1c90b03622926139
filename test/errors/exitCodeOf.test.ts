import { expect } from 'chai';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { HoldfastError } from '../../modules/errors/holdfastError';

describe('exitCodeOf', () => {
  for (const [code, exitCode] of [
    ['HOLDFAST_STORE_UNREACHABLE', 69],
    ['HOLDFAST_STORE_NEWER', 69],
    ['HOLDFAST_FILE_UNUSABLE', 69],
    ['HOLDFAST_SQLITE_MISSING', 69],
    ['HOLDFAST_INSERT_UNKNOWN', 69],
    ['HOLDFAST_SERVER_UNREACHABLE', 69],
    ['HOLDFAST_STORE_TIMEOUT', 75],
    ['HOLDFAST_SERVER_BUSY', 75],
    ['HOLDFAST_SERVER_REFUSED', 77],
    ['HOLDFAST_RESULT_LATE', 124],
    ['HOLDFAST_TASK_MISSING', 3],
    ['HOLDFAST_TASK_MOVED_ON', 4],
    ['HOLDFAST_CONSENT_MISSING', 2],
    ['HOLDFAST_OPTION_INVALID', 2],
  ] as const) {
    it(`is ${exitCode} with the message alone for ${code}`, () => {
      const error = new HoldfastError(code);
      expect(exitCodeOf(error)).to.deep.equal({ code: exitCode, text: error.message });
    });
  }

  it('is 1 with the stack for a bug, and with the text of what is no Error', () => {
    const error = new TypeError('x is not a function');
    expect(exitCodeOf(error)).to.deep.equal({ code: 1, text: error.stack });
    expect(exitCodeOf('gone')).to.deep.equal({ code: 1, text: 'gone' });
  });
});
