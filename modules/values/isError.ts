import { types } from 'node:util';
import { readProperty } from './readProperty';

/**
 * Tells whether a value is an error, wherever it was made: in another realm (`node:vm`, Jest), by a subclass, or an object with the name, message and
 * stack of one. Never throws, also for a value that cannot be read.
 */
export function isError(value: unknown): value is Error {
  if (types.isNativeError(value)) return true;
  return isOfError(value) || ['name', 'message', 'stack'].every((key) => typeof readProperty(value, key) === 'string');
}

function isOfError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** Tells whether a value is an object that was given a mark. Never throws, also for a value that cannot be read. */
export const isMarked = (value: unknown, mark: symbol): boolean => readProperty(value, mark) === true;
