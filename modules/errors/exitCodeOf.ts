import type { ErrorCode } from '../../constants/errors';
import { EXIT_CODES } from '../../constants/exitCodes';
import { isHoldfastError } from './holdfastError';
import { taskError } from './taskError';

/** The end of a program that failed. */
export interface Failure {
  readonly code: number;
  readonly text: string;
}

/** Errors of a store besides those whose code begins with HOLDFAST_STORE, and of the address of a server. */
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set([
  'HOLDFAST_FILE_UNUSABLE',
  'HOLDFAST_SQLITE_MISSING',
  'HOLDFAST_INSERT_UNKNOWN',
  'HOLDFAST_PORT_TAKEN',
  'HOLDFAST_ADDRESS_UNUSABLE',
  'HOLDFAST_SERVER_UNREACHABLE',
]);

/** The store or the server is there, but not for this user. */
const REFUSED: ReadonlySet<ErrorCode> = new Set(['HOLDFAST_LOGIN_REFUSED', 'HOLDFAST_RIGHTS_MISSING', 'HOLDFAST_SERVER_REFUSED']);

/** What was named is not there, or is no longer as it was. */
const OTHERS: Partial<Readonly<Record<ErrorCode, number>>> = {
  HOLDFAST_TASK_MISSING: EXIT_CODES.missing,
  HOLDFAST_QUEUE_UNKNOWN: EXIT_CODES.missing,
  HOLDFAST_PROCESS_MISSING: EXIT_CODES.missing,
  HOLDFAST_SCHEDULE_MISSING: EXIT_CODES.missing,
  HOLDFAST_GROUP_MISSING: EXIT_CODES.missing,
  HOLDFAST_QUEUE_OF_BROKER: EXIT_CODES.conflict,
  HOLDFAST_TASK_MOVED_ON: EXIT_CODES.conflict,
  HOLDFAST_TASK_FINISHED: EXIT_CODES.conflict,
  HOLDFAST_TASK_CANCELLED: EXIT_CODES.failed,
  HOLDFAST_BATCH_MISSING: EXIT_CODES.missing,
  HOLDFAST_STORE_TIMEOUT: EXIT_CODES.temporary,
  HOLDFAST_SERVER_BUSY: EXIT_CODES.temporary,
  HOLDFAST_SERVER_FAULT: EXIT_CODES.failed,
  HOLDFAST_RESULT_LATE: EXIT_CODES.late,
};

/** Finds the exit code of an error, and its text: a fault that the user can mend gets a sentence, a bug its stack. */
export function exitCodeOf(error: unknown): Failure {
  if (!isHoldfastError(error)) {
    const { stack, message } = taskError(error);
    return { code: EXIT_CODES.failed, text: stack ?? message };
  }
  if (REFUSED.has(error.code)) return { code: EXIT_CODES.refused, text: error.message };
  const other = OTHERS[error.code];
  if (other !== undefined) return { code: other, text: error.message };
  const isOfStore = error.code.startsWith('HOLDFAST_STORE') || UNAVAILABLE.has(error.code);
  return { code: isOfStore ? EXIT_CODES.unavailable : EXIT_CODES.wrongUse, text: error.message };
}
