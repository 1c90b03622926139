import { ERROR_CATALOGUE } from '../../constants/errors';
import type { ErrorCode } from '../../constants/errors';
import { HoldfastError } from '../errors/holdfastError';

/** What a server says of a fault. */
export interface ServerFault {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** What was asked of a server. */
export interface AskedOfServer {
  /** What the request was about, such as the id of a task. */
  readonly what: string;
  /** The right that it needs. */
  readonly action: 'read' | 'admin';
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
};

/** Those whose detail says no more than that what was named is not there. */
const PLAIN: ReadonlySet<string> = new Set(['task_unknown', 'schedule_unknown', 'process_unknown', 'failure_group_unknown', 'batch_unknown']);

/** Returns the error of a fault: that which a store throws for the same reason, else one about the server. */
export function faultOfServer({ status, code, detail }: ServerFault, { what, action }: AskedOfServer): HoldfastError {
  const told = codeIn(detail);
  if (told !== undefined) return new HoldfastError(told, { field: what, message: detail });
  const own = CODES[code];
  if (own !== undefined) return new HoldfastError(own, { field: what, ...(PLAIN.has(code) ? {} : { because: detail }) });
  if (code === 'writes_disabled') return new HoldfastError('HOLDFAST_SERVER_REFUSED', { because: detail });
  if (status === 401 || status === 403) return new HoldfastError('HOLDFAST_SERVER_REFUSED', { expected: `the right ${action}`, because: detail });
  if (code === 'host_refused') return new HoldfastError('HOLDFAST_OPTION_INVALID', { field: '--server', because: detail });
  if (status === 429 || status >= 502) return new HoldfastError('HOLDFAST_SERVER_BUSY', { because: detail });
  if (status >= 400 && status < 500 && code !== '' && status !== 404)
    return new HoldfastError('HOLDFAST_OPTION_INVALID', { field: what, because: detail });
  return new HoldfastError('HOLDFAST_SERVER_FAULT', { because: `${status} ${detail}` });
}

/** Returns the code with which a detail ends that is the message of an error of a store. */
function codeIn(detail: string): ErrorCode | undefined {
  const [, code = ''] = /\((HOLDFAST_[A-Z_]+)\)$/.exec(detail) ?? [];
  return Object.hasOwn(ERROR_CATALOGUE, code) ? (code as ErrorCode) : undefined;
}
