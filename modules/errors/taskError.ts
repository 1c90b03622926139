import { ERROR_CODE_CHARACTERS, ERROR_MESSAGE_CHARACTERS, ERROR_STACK_CHARACTERS } from '../../constants/limits';
import type { TaskError } from '../../constants/events';
import { clipText } from '../values/clipText';

/**
 * Converts any thrown value to the bounded, plain record that is stored with a task and reported by events.
 *
 * It never throws, even for a value whose getters throw.
 */
export function taskError(thrown: unknown): TaskError {
  try {
    return thrown instanceof Error ? fromError(thrown) : { name: 'Error', message: clipText(stringOf(thrown), ERROR_MESSAGE_CHARACTERS) };
  } catch {
    return { name: 'Error', message: 'an unreadable error was thrown' };
  }
}

function fromError(error: Error): TaskError {
  const code: unknown = (error as { code?: unknown }).code;
  return {
    name: clipText(String(error.name), ERROR_MESSAGE_CHARACTERS),
    message: clipText(String(error.message), ERROR_MESSAGE_CHARACTERS),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: clipText(String(code), ERROR_CODE_CHARACTERS) } : {}),
    ...(typeof error.stack === 'string' ? { stack: clipText(error.stack, ERROR_STACK_CHARACTERS) } : {}),
  };
}

const stringOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null ? (JSON.stringify(thrown) ?? 'an object was thrown') : String(thrown);
