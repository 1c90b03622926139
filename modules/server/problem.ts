import { PROBLEM_OF, PROBLEMS } from '../../constants/problems';
import type { ProblemCode } from '../../constants/problems';
import type { TaskState } from '../../constants/states';
import { isHoldfastError, isUnanswered } from '../errors/holdfastError';
import { searchPlaceOf } from '../search/searchFault';

/** The part of a request that is at fault. */
export type RequestPart = 'body' | 'query' | 'path' | 'header';

/** A fault as it stands in an answer, of RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly in?: RequestPart;
  readonly pointer?: string;
  readonly requestId?: string;
  /** What a task is now that an action was refused for. */
  readonly state?: TaskState;
  /** The index of the character at which a search cannot be read. */
  readonly at?: number;
  /** When the last picture was taken, and its age, where the store is away. */
  readonly takenAt?: Date;
  readonly ageSeconds?: number;
}

/** What a fault tells beside its code. */
export type ProblemFacts = Pick<Problem, 'state' | 'at' | 'takenAt' | 'ageSeconds'>;

/** The place of a fault in its request. */
export interface Place {
  readonly in: RequestPart;
  readonly pointer: string;
}

interface FaultRest {
  readonly place?: Place;
  readonly facts?: ProblemFacts;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fault of a request that the HTTP layer finds itself. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault';
  readonly code: ProblemCode;
  readonly place: Place | undefined;
  readonly facts: ProblemFacts;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, { place, facts = {}, headers = {} }: FaultRest = {}) {
    super(detail);
    this.code = code;
    this.place = place;
    this.facts = facts;
    this.headers = headers;
  }
}

export const problem = (
  code: ProblemCode,
  detail: string,
  rest: Partial<Pick<Problem, 'in' | 'pointer' | 'requestId' | keyof ProblemFacts>> = {},
): Problem => ({
  type: `urn:holdfast:problem:${code}`,
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  code,
  detail,
  ...rest,
});

/**
 * Describes an error to the client. What the store or the driver says is left out: it is in the log of the server.
 *
 * @param isRead whether the call reads only, and so cannot have changed anything.
 * @returns undefined for an error that is no fault of the request or of the store: a bug.
 */
export function problemOf(error: unknown, isRead = false): Problem | undefined {
  if (error instanceof RequestFault) return problem(error.code, error.message, { ...error.place, ...error.facts });
  if (isUnanswered(error)) return problem('store_unavailable', isRead ? readDetail(error) : storeDetail(error));
  if (!isHoldfastError(error)) return undefined;
  const code = PROBLEM_OF[error.code];
  if (code === undefined) return undefined;
  const at = searchPlaceOf(error);
  if (at !== null) return problem(code, error.message, { at });
  return problem(code, error.message, placeOf(error.field ?? (code.startsWith('receipt_') ? 'receipt' : undefined)));
}

const isLate = (error: unknown): boolean => isHoldfastError(error, 'HOLDFAST_INSERT_UNKNOWN') || isHoldfastError(error, 'HOLDFAST_STORE_TIMEOUT');

const readDetail = (error: unknown): string =>
  `The store ${isLate(error) ? 'did not answer in time' : 'cannot be reached'}. Nothing was changed: ask again later.`;

/** A connection may break after the store has taken the call, so neither fault says that nothing was done. */
const storeDetail = (error: unknown): string =>
  `The store ${isLate(error) ? 'did not answer in time' : 'cannot be reached'}, and may have carried out the call. Repeat it; a send with the same Idempotency-Key adds nothing twice.`;

/** The place that a field of the broker has in the body, such as `messages[1].delaySeconds`. */
function placeOf(field: string | undefined): Partial<Place> {
  if (field === undefined) return {};
  const steps = field.split(/[.[\]]+/).filter((step) => step !== '');
  return { in: 'body', pointer: pointerOf(steps) };
}

export const pointerOf = (steps: readonly (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
