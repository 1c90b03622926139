import { SEARCH_FIELDS, SEARCH_STATES } from '../../constants/searchFields';
import type { SearchField } from '../../constants/searchFields';

/** A completion of a search text: this text in place of what stands from one index to the other. */
export interface Suggestion {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** What the completion means; missing for a value. */
  readonly says?: string;
}

/** Values that are known of some fields, those that are wanted most first. */
export type KnownValues = Partial<Readonly<Record<SearchField, readonly string[]>>>;

/** Most suggestions at a place. */
const MOST = 12;

const EXAMPLES: KnownValues = {
  state: SEARCH_STATES,
  added: ['<1h', '<1d', '>1d'],
  finished: ['<1h', '<1d', '>1d'],
  due: ['<1h', '>1h'],
  duration: ['>1s', '>30s', '>5m'],
  attempts: ['>1', '>3'],
};

/**
 * Returns completions of a search text: fields where a token begins, values behind a colon.
 *
 * @param at the index of the cursor.
 */
export function suggestions(text: string, at: number = text.length, known: KnownValues = {}): Suggestion[] {
  const before = text.slice(0, at);
  // An odd number of quotes before the cursor means that it is inside of one.
  const word = /(?:[^\s"]|"(?:[^"\\]|\\.)*(?:"|$))*$/.exec(before)?.[0] ?? '';
  const from = at - word.length;
  const sign = word.startsWith('-') ? 1 : 0;
  const colon = word.indexOf(':');
  if (colon < 0) return fieldsLike(word.slice(sign), from + sign, at);
  const field = word.slice(sign, colon).split('.')[0]?.toLowerCase() ?? '';
  const typed = word.slice(colon + 1);
  const value = typed.slice(typed.lastIndexOf(',') + 1);
  const values = known[field as SearchField] ?? EXAMPLES[field as SearchField] ?? [];
  return valuesLike(value, values).map((one) => ({ text: one, from: at - value.length, to: at }));
}

function fieldsLike(word: string, from: number, to: number): Suggestion[] {
  const typed = word.toLowerCase();
  return Object.entries(SEARCH_FIELDS)
    .filter(([field]) => field.startsWith(typed) && field !== typed)
    .map(([field, { kind, says }]) => ({ text: kind === 'path' ? `${field}.` : `${field}:`, from, to, says }));
}

function valuesLike(typed: string, values: readonly string[]): string[] {
  const plain = typed.replaceAll('"', '').toLowerCase();
  const found = values.filter((value) => value.toLowerCase().includes(plain));
  const begins = (value: string): number => Number(!value.toLowerCase().startsWith(plain));
  return found
    .sort((a, b) => begins(a) - begins(b))
    .slice(0, MOST)
    .map(quoted);
}

/** Puts a value into quotes where it would be read in another way without them. */
export const quoted = (value: string): string => (/[\s",]|^$|\*$/.test(value) ? `"${value.replaceAll(/["\\]/g, (char) => `\\${char}`)}"` : value);
