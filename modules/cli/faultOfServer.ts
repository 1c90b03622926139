import type { ErrorCode } from '../../constants/errors';
import { HoldfastError } from '../errors/holdfastError';

/** What a server says of a fault. */
export interface ServerFault {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** The errors that a store throws for the same reason. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  task_unknown: 'HOLDFAST_TASK_MISSING',
  task_moved_on: 'HOLDFAST_TASK_MOVED_ON',
  task_key_taken: 'HOLDFAST_TASK_MOVED_ON',
  schedule_unknown: 'HOLDFAST_SCHEDULE_MISSING',
  process_unknown: 'HOLDFAST_PROCESS_MISSING',
  failure_group_unknown: 'HOLDFAST_GROUP_MISSING',
  batch_unknown: 'HOLDFAST_BATCH_MISSING',
  search_invalid: 'HOLDFAST_SEARCH_INVALID',
};

/** Those whose detail says no more than that what was named is not there. */
const PLAIN: ReadonlySet<string> = new Set(['task_unknown', 'schedule_unknown', 'process_unknown', 'failure_group_unknown', 'batch_unknown']);

/**
 * Returns the error of a fault: that which a store throws for the same reason, else one about the server.
 *
 * @param what what the request was about, such as the id of a task.
 */
export function faultOfServer({ status, code, detail }: ServerFault, what: string): HoldfastError {
  const own = CODES[code];
  if (own !== undefined) return new HoldfastError(own, { field: what, ...(PLAIN.has(code) ? {} : { because: detail }) });
  if (status === 401 || status === 403) return new HoldfastError('HOLDFAST_SERVER_REFUSED', { because: detail });
  if (status === 429 || status >= 502) return new HoldfastError('HOLDFAST_SERVER_BUSY', { because: detail });
  if (status >= 400 && status < 500 && code !== '' && status !== 404)
    return new HoldfastError('HOLDFAST_OPTION_INVALID', { field: what, because: detail });
  return new HoldfastError('HOLDFAST_SERVER_FAULT', { because: `${status} ${detail}` });
}
