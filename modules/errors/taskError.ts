import { inspect } from 'node:util';
import {
  ERROR_CAUSES,
  ERROR_CAUSES_DEEP,
  ERROR_CODE_CHARACTERS,
  ERROR_MESSAGE_CHARACTERS,
  ERROR_STACK_CHARACTERS,
  HISTORY_TEXT_CHARACTERS,
} from '../../constants/limits';
import type { ErrorCause, TaskError } from '../../constants/events';
import { clipText } from '../values/clipText';
import { isHoldfastError } from './holdfastError';
import { isError } from '../values/isError';
import { readProperty } from '../values/readProperty';

/** The lengths to which the texts of an error are cut. */
interface Room {
  readonly name: number;
  readonly message: number;
}

const ROOM: Room = { name: ERROR_MESSAGE_CHARACTERS, message: ERROR_MESSAGE_CHARACTERS };
const ROOM_OF_CAUSE: Room = { name: ERROR_CODE_CHARACTERS, message: HISTORY_TEXT_CHARACTERS };

/** The number of causes that may still be kept. */
interface Budget {
  left: number;
}

const UNREADABLE = 'an unreadable error was thrown';

/**
 * Converts any thrown value to the bounded, plain record that is stored with a task and reported by events.
 *
 * It keeps the causes of an error three deep, and the errors of an AggregateError. It never throws, even for a value whose getters throw.
 */
export function taskError(thrown: unknown): TaskError {
  const stack = readProperty(thrown, 'stack');
  return {
    ...briefOf(thrown, ROOM),
    ...(isErrorLike(thrown) && typeof stack === 'string' ? { stack: clipText(stack, ERROR_STACK_CHARACTERS) } : {}),
    ...causesOf(thrown, ERROR_CAUSES_DEEP, { left: ERROR_CAUSES }),
  };
}

function briefOf(thrown: unknown, { name, message }: Room): Pick<TaskError, 'name' | 'message' | 'code'> {
  if (!isErrorLike(thrown)) return { name: 'Error', message: clipText(textOf(thrown), message) };
  const code = readProperty(thrown, 'code');
  return {
    name: clipText(wordOf(readProperty(thrown, 'name')) ?? 'Error', name),
    message: clipText(wordOf(readProperty(thrown, 'message')) ?? UNREADABLE, message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: clipText(String(code), ERROR_CODE_CHARACTERS) } : {}),
  };
}

/**
 * Goes down the causes of an error. The depth bounds a circle, the budget a tree. The message of a HoldfastError tells its cause without secrets,
 * which the cause itself may hold.
 */
function causesOf(thrown: unknown, depth: number, budget: Budget): Pick<TaskError, 'cause' | 'errors'> {
  if (depth === 0 || !isErrorLike(thrown) || isHoldfastError(thrown)) return {};
  const { cause, errors } = { cause: readProperty(thrown, 'cause'), errors: readProperty(thrown, 'errors') };
  const keep = (inner: unknown): ErrorCause[] => {
    if (budget.left === 0) return [];
    budget.left -= 1;
    return [{ ...briefOf(inner, ROOM_OF_CAUSE), ...causesOf(inner, depth - 1, budget) }];
  };
  const [kept] = cause === undefined || cause === null ? [] : keep(cause);
  const all = Array.isArray(errors) ? errors.slice(0, ERROR_CAUSES).flatMap(keep) : [];
  return { ...(kept ? { cause: kept } : {}), ...(all.length > 0 ? { errors: all } : {}) };
}

/** A thrown object with the name and message of an error is read as one, also without a stack. */
const isErrorLike = (thrown: unknown): boolean =>
  isError(thrown) || (typeof readProperty(thrown, 'name') === 'string' && typeof readProperty(thrown, 'message') === 'string');

/** Returns the text of a field of an error, or undefined for one that is missing or cannot be text. */
function wordOf(field: unknown): string | undefined {
  try {
    return field === undefined ? undefined : `${field as string}`;
  } catch {
    return undefined;
  }
}

function textOf(thrown: unknown): string {
  try {
    if (typeof thrown !== 'object' || thrown === null) return String(thrown);
    return JSON.stringify(thrown) ?? 'an object was thrown';
  } catch {
    return shapeOf(thrown);
  }
}

/** Describes what JSON cannot: a circle, a bigint inside. A value that cannot be inspected either is only named. */
function shapeOf(thrown: unknown): string {
  try {
    return inspect(thrown, { depth: 1, breakLength: Infinity, maxArrayLength: 20, maxStringLength: HISTORY_TEXT_CHARACTERS, customInspect: false });
  } catch {
    return UNREADABLE;
  }
}
