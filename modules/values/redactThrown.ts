import { ERROR_CAUSES, ERROR_CAUSES_DEEP, ERROR_MESSAGE_CHARACTERS } from '../../constants/limits';
import { isError } from './isError';
import { readProperty } from './readProperty';
import { REDACTED } from './scrub';
import { redactText } from './secretValues';

/** A line of a stack trace that names code. */
const FRAME = /^\s+at .+/;

/** A long number, such as that of a card. No name and no code of an error is one by chance. */
const LONG_NUMBER = /\d{8,}/;

/** The ways in which the texts of one error are redacted. */
interface Redactions {
  /** For texts that may quote the payload. */
  readonly ofText: (text: string) => string;
  /** For names and codes, which are of the code. */
  readonly ofCode: (text: string) => string;
}

/**
 * Returns the thrown value without secrets: an Error of the same class with its message, its stack and its causes redacted as far as they are stored.
 * Its name, its code and the frames of its stack are of the code, not of the payload; only long numbers are redacted there. A value that holds no
 * secret is returned as it is.
 */
export function redactThrown(thrown: unknown, secrets: ReadonlySet<string>, deep = ERROR_CAUSES_DEEP, budget = { left: ERROR_CAUSES }): unknown {
  if (!isError(thrown)) return redactValue(thrown, secrets);
  const without = (inner: unknown): unknown => {
    if (inner === undefined || deep === 0 || budget.left === 0) return undefined;
    budget.left -= 1;
    return redactThrown(inner, secrets, deep - 1, budget);
  };
  const redacted = [...redactedTexts(thrown, secrets), ...redactedCauses(thrown, without)];
  const changed = redacted.filter(([key, value]) => !isSame(value, readProperty(thrown, key)));
  if (changed.length === 0) return thrown;
  const copy = Object.create(Object.getPrototypeOf(thrown) as object, Object.getOwnPropertyDescriptors(thrown)) as Error;
  for (const [key, value] of changed) Object.defineProperty(copy, key, { value, configurable: true, writable: true, enumerable: false });
  return copy;
}

function redactedTexts(thrown: Error, secrets: ReadonlySet<string>): [string, unknown][] {
  const ofText = (text: string): string => redactText(text, secrets);
  const ofCode = (text: string): string => (LONG_NUMBER.test(text) && holdsNumber(text, secrets) ? REDACTED : text);
  const texts = { name: ofCode, code: ofCode, message: ofText, stack: (stack: string) => redactStack(stack, thrown, { ofText, ofCode }) };
  return Object.entries(texts).map(([key, redact]) => {
    const text = readProperty(thrown, key);
    return [key, typeof text === 'string' ? redact(text) : text];
  });
}

const holdsNumber = (text: string, secrets: ReadonlySet<string>): boolean =>
  [...secrets].some((secret) => LONG_NUMBER.test(secret) && text.includes(secret));

/** Redacts a stack except for its frames. It begins with the name and the message, which may hold several lines. */
function redactStack(stack: string, thrown: Error, { ofText, ofCode }: Redactions): string {
  const [name, message] = [String(readProperty(thrown, 'name')), String(readProperty(thrown, 'message'))];
  const header = `${name}: ${message}`;
  const isWhole = stack.startsWith(header);
  const rest = (isWhole ? stack.slice(header.length) : stack).split('\n').map((line) => (FRAME.test(line) ? line : ofText(line)));
  return `${isWhole ? `${ofCode(name)}: ${ofText(message)}` : ''}${rest.join('\n')}`;
}

function redactedCauses(thrown: Error, without: (inner: unknown) => unknown): [string, unknown][] {
  const errors = readProperty(thrown, 'errors');
  const inner = Array.isArray(errors) ? errors.slice(0, ERROR_CAUSES).map(without) : errors;
  return [
    ['cause', without(readProperty(thrown, 'cause'))],
    ['errors', inner],
  ];
}

const isSame = (one: unknown, other: unknown): boolean =>
  Array.isArray(one) && Array.isArray(other) ? one.length === other.length && one.every((item, at) => item === other[at]) : one === other;

/** A thrown value that is no Error would be stored as its JSON text. */
function redactValue(thrown: unknown, secrets: ReadonlySet<string>): unknown {
  if (thrown === undefined || thrown === null) return thrown;
  if (typeof thrown === 'string') return redactText(thrown, secrets);
  try {
    const text = typeof thrown === 'object' ? JSON.stringify(thrown) : `${thrown as number}`;
    return redactText(text.slice(0, ERROR_MESSAGE_CHARACTERS * 10), secrets);
  } catch {
    return 'an object was thrown';
  }
}
