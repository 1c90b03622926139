import type { ErrorCode } from './errors';

/** The faults that an answer over HTTP may report: the status and the title of each stable code. A code is never reused. */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'A value is missing or invalid' },
  unknown_field: { status: 400, title: 'A field does not exist' },
  body_not_json: { status: 400, title: 'The body is not JSON' },
  body_not_plain: { status: 400, title: 'The body of a message cannot be kept as JSON' },
  body_too_deep: { status: 400, title: 'The body of a message is nested too deeply' },
  malformed_request: { status: 400, title: 'The request is not HTTP' },
  search_invalid: { status: 400, title: 'The search cannot be read' },
  token_in_url: { status: 400, title: 'A URL may hold no token' },
  receipt_invalid: { status: 400, title: 'The receipt is not one of this queue' },
  token_missing: { status: 401, title: 'A token is needed' },
  token_unknown: { status: 401, title: 'The token is not known' },
  login_needed: { status: 401, title: 'The caller is not known' },
  not_allowed: { status: 403, title: 'The token does not allow this' },
  cross_origin: { status: 403, title: 'A page of another origin may not write' },
  writes_disabled: { status: 403, title: 'This server only shows' },
  route_unknown: { status: 404, title: 'There is no such path or method' },
  queue_unknown: { status: 404, title: 'There is no queue of this name' },
  task_unknown: { status: 404, title: 'There is no such task' },
  schedule_unknown: { status: 404, title: 'There is no such schedule' },
  process_unknown: { status: 404, title: 'There is no such live process' },
  failure_group_unknown: { status: 404, title: 'There is no such failure group' },
  batch_unknown: { status: 404, title: 'There is no such batch' },
  message_gone: { status: 404, title: 'The message is not in its queue any more' },
  request_timeout: { status: 408, title: 'The request came too slowly' },
  queue_exists: { status: 409, title: 'The queue exists with other attributes' },
  task_moved_on: { status: 409, title: 'The task is not what it was' },
  task_key_taken: { status: 409, title: 'Another live task has the unique key' },
  message_not_in_flight: { status: 409, title: 'The visibility timeout of the message is over' },
  receipt_stale: { status: 410, title: 'The message was received again after this receipt was given out' },
  message_too_large: { status: 413, title: 'A message is too large' },
  request_too_large: { status: 413, title: 'The request is too large' },
  content_type_unsupported: { status: 415, title: 'The content type is not accepted here' },
  host_refused: { status: 421, title: 'The server does not answer to this host name' },
  idempotency_mismatch: { status: 422, title: 'The idempotency key was used for other messages' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'The server has a fault' },
  streams_full: { status: 503, title: 'Too many streams are open' },
  store_unavailable: { status: 503, title: 'The store did not answer' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

/** The stable code of an answer that reports a fault. */
export type ProblemCode = keyof typeof PROBLEMS;

/** The errors of the broker that are a fault of the request. Those of a store that does not answer are `store_unavailable`, all others `internal_error`. */
export const PROBLEM_OF: Partial<Readonly<Record<ErrorCode, ProblemCode>>> = {
  HOLDFAST_OPTION_INVALID: 'invalid_request',
  HOLDFAST_OPTION_UNKNOWN: 'unknown_field',
  HOLDFAST_PAYLOAD_NOT_JSON: 'body_not_plain',
  HOLDFAST_PAYLOAD_TOO_DEEP: 'body_too_deep',
  HOLDFAST_PAYLOAD_TOO_LARGE: 'message_too_large',
  HOLDFAST_MESSAGE_TOO_LARGE: 'message_too_large',
  HOLDFAST_QUEUE_UNKNOWN: 'queue_unknown',
  HOLDFAST_QUEUE_EXISTS: 'queue_exists',
  HOLDFAST_RECEIPT_INVALID: 'receipt_invalid',
  HOLDFAST_RECEIPT_STALE: 'receipt_stale',
  HOLDFAST_MESSAGE_GONE: 'message_gone',
  HOLDFAST_MESSAGE_NOT_IN_FLIGHT: 'message_not_in_flight',
  HOLDFAST_IDEMPOTENCY_MISMATCH: 'idempotency_mismatch',
  HOLDFAST_STORE_CLOSED: 'store_unavailable',
};
