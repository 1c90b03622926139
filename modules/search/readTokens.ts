import { searchFault } from './searchFault';

/** A piece of a token: a text with or without quotes, and where it begins. */
export interface RawValue {
  readonly text: string;
  readonly at: number;
  readonly isQuoted: boolean;
}

/** A token as it was written: `-` and a field, if it has them, and values by commas. */
export interface RawToken {
  readonly at: number;
  readonly isNegated: boolean;
  /** The text before the colon; null for plain text. */
  readonly field: string | null;
  readonly values: readonly RawValue[];
}

const BLANK = /\s/;
const FIELD = /^([A-Za-z]+(?:\.[^\s:",]*)?):/;

/** Reads the tokens of a search text. @throws HOLDFAST_SEARCH_INVALID */
export function readTokens(text: string): RawToken[] {
  const tokens: RawToken[] = [];
  for (let at = skipBlanks(text, 0); at < text.length;) {
    const { token, end } = readToken(text, at);
    tokens.push(token);
    at = skipBlanks(text, end);
  }
  return tokens;
}

function readToken(text: string, at: number): { readonly token: RawToken; readonly end: number } {
  const isNegated = text[at] === '-';
  const from = at + Number(isNegated);
  const field = FIELD.exec(text.slice(from))?.[1] ?? null;
  const { values, end } = field === null ? readPlain(text, from) : readValues(text, from + field.length + 1);
  return { token: { at, isNegated, field, values }, end };
}

/** Reads one text. In plain text a comma is one. */
function readPlain(text: string, at: number): { readonly values: RawValue[]; readonly end: number } {
  const { value, end } = text[at] === '"' ? readQuoted(text, at) : readBare(text, at, (char) => BLANK.test(char));
  if (value.text === '') throw searchFault(at, 'text to look for');
  return { values: [value], end: atBlank(text, end) };
}

function readValues(text: string, from: number): { readonly values: RawValue[]; readonly end: number } {
  const values: RawValue[] = [];
  for (let at = from; ;) {
    const { value, end } = text[at] === '"' ? readQuoted(text, at) : readBare(text, at, (char) => BLANK.test(char) || char === ',');
    if (value.text === '' && !value.isQuoted) throw searchFault(at, 'a value');
    values.push(value);
    if (text[end] !== ',') return { values, end: atBlank(text, end) };
    at = end + 1;
  }
}

/** Within a bare text a quote is one. */
function readBare(text: string, at: number, isEnd: (char: string) => boolean): { readonly value: RawValue; readonly end: number } {
  let end = at;
  while (end < text.length && !isEnd(text[end] as string)) end += 1;
  return { value: { text: text.slice(at, end), at, isQuoted: false }, end };
}

function readQuoted(text: string, at: number): { readonly value: RawValue; readonly end: number } {
  let read = '';
  for (let place = at + 1; place < text.length; place += 1) {
    const char = text[place] as string;
    if (char === '"') return { value: { text: read, at, isQuoted: true }, end: place + 1 };
    const isEscape = char === '\\' && /["\\]/.test(text[place + 1] ?? '');
    read += isEscape ? (text[place + 1] as string) : char;
    place += Number(isEscape);
  }
  throw searchFault(at, 'a text that ends with a quote');
}

function atBlank(text: string, end: number): number {
  if (end < text.length && !BLANK.test(text[end] as string)) throw searchFault(end, 'a blank after the quote');
  return end;
}

function skipBlanks(text: string, at: number): number {
  let end = at;
  while (end < text.length && BLANK.test(text[end] as string)) end += 1;
  return end;
}
