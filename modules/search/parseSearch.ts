import { DAY, HOUR, LONGEST_DELAY_MS, MINUTE, SEARCH_CHARACTERS, SEARCH_TERMS, SEARCH_VALUES, SECOND } from '../../constants/limits';
import { SEARCH_FIELDS, SEARCH_STATES } from '../../constants/searchFields';
import type { SearchField } from '../../constants/searchFields';
import { UUID_PATTERN } from '../../config/optionKinds';
import { readTokens } from './readTokens';
import type { RawToken, RawValue } from './readTokens';
import { searchFault } from './searchFault';
import type { Comparison, Search, SearchTerm, SearchValue } from './searchTerm';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
const TIME = /^(<=|>=|<|>)(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;
const NUMBER = /^(<=|>=|<|>|)(\d{1,9})$/;
const ID = new RegExp(UUID_PATTERN);
const GROUP = /^[0-9a-f]{16}$/;

/**
 * Reads a search text.
 *
 * @throws HOLDFAST_SEARCH_INVALID with the place, and what was expected there.
 */
export function parseSearch(text: string): Search {
  if (text.length > SEARCH_CHARACTERS) throw searchFault(SEARCH_CHARACTERS, `at most ${SEARCH_CHARACTERS} characters`);
  const tokens = readTokens(text);
  const last = tokens[SEARCH_TERMS];
  if (last) throw searchFault(last.at, `at most ${SEARCH_TERMS} tokens`);
  return { text, terms: tokens.map(termOf) };
}

function termOf(token: RawToken): SearchTerm {
  const { field: label, isNegated, at } = token;
  const tooMany = token.values[SEARCH_VALUES];
  if (tooMany) throw searchFault(tooMany.at, `at most ${SEARCH_VALUES} values`);
  if (label === null) return { field: 'text', path: [], isNegated, values: token.values.map(literal), comparisons: [], label: 'text' };
  const { field, path } = fieldOf(label, at + Number(isNegated));
  return { field, path, isNegated, label, ...READ[SEARCH_FIELDS[field].kind](token.values, field) };
}

function fieldOf(label: string, at: number): Pick<SearchTerm, 'path'> & { readonly field: SearchField } {
  const [name = '', ...path] = label.split('.');
  const field = name.toLowerCase();
  if (!isField(field)) throw searchFault(at, `one of ${Object.keys(SEARCH_FIELDS).join(', ')}; text with a colon stands in quotes`);
  const hasPath = SEARCH_FIELDS[field].kind === 'path';
  if (!hasPath && path.length > 0) throw searchFault(at + name.length, `a colon after ${field}`);
  if (hasPath && (path.length === 0 || path.includes(''))) throw searchFault(at + name.length, `a path, as ${field}.name:`);
  return { field, path };
}

const isField = (name: string): name is SearchField => Object.hasOwn(SEARCH_FIELDS, name);

const literal = ({ text }: RawValue): SearchValue => ({ text, isPrefix: false });

/** A * at the end makes a beginning of a name, unless it stands in quotes. */
const nameValue = ({ text, isQuoted }: RawValue): SearchValue =>
  !isQuoted && text.endsWith('*') ? { text: text.slice(0, -1), isPrefix: true } : { text, isPrefix: false };

type Read = Pick<SearchTerm, 'values' | 'comparisons'>;

const texts = (values: readonly SearchValue[]): Read => ({ values, comparisons: [] });
const numbers = (comparisons: readonly Comparison[]): Read => ({ values: [], comparisons });

/** Reads the values of a field of each kind. */
const READ: Readonly<Record<(typeof SEARCH_FIELDS)[SearchField]['kind'], (values: readonly RawValue[], field: SearchField) => Read>> = {
  word: (values, field) => texts(values.map((value) => wordOf(value, field))),
  name: (values) => texts(values.map(nameValue)),
  text: (values) => texts(values.map(literal)),
  path: (values) => texts(values.map(literal)),
  time: (values) => numbers(values.map(timeOf)),
  number: (values) => numbers(values.map(numberOf)),
};

function wordOf({ text, at }: RawValue, field: SearchField): SearchValue {
  const word = text.toLowerCase();
  const isState = SEARCH_STATES.some((state) => state === word);
  if (field === 'state' && !isState) throw searchFault(at, `one of ${SEARCH_STATES.join(', ')}`);
  if (field === 'id' && !ID.test(word)) throw searchFault(at, 'the id of a task, a UUID');
  if (field === 'group' && !GROUP.test(word)) throw searchFault(at, 'the group of a failure, 16 hexadecimal digits');
  return { text: word, isPrefix: false };
}

function timeOf({ text, at }: RawValue): Comparison {
  const [, sign = '', amount = '', unit = ''] = TIME.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? NaN);
  if (sign === '' || !(ms <= LONGEST_DELAY_MS)) throw searchFault(at, '< or > and a time in ms, s, m, h, d or w, as >1h');
  return { sign: sign as Comparison['sign'], amount: ms };
}

function numberOf({ text, at }: RawValue): Comparison {
  const [, sign = '', amount] = NUMBER.exec(text) ?? [];
  if (amount === undefined) throw searchFault(at, 'a number, or < or > and a number, as >2');
  return { sign: sign === '' ? '=' : (sign as Comparison['sign']), amount: Number(amount) };
}
